import { sizeOf } from '../engine/tensor.ts'
import type { Rng } from '../random/rng.ts'

/** Draws the first values of a parameter of `shape` (PyTorch's `state_dict` shape), row major. */
export type Initializer = (rng: Rng, shape: readonly number[]) => Float32Array

/** Uniform in [−bound, bound). */
export function uniform(bound: number): Initializer {
  return (rng, shape) => rng.fillUniform(new Float32Array(sizeOf(shape))).map((u) => (2 * u - 1) * bound)
}

/**
 * PyTorch's default for the weight and the bias of linear and convolutional layers: Kaiming-uniform with
 * a = √5 (He et al. 2015), which is uniform in ±1/√fanIn.
 */
export function fanInUniform(fanIn: number): Initializer {
  return uniform(1 / Math.sqrt(fanIn))
}

/** Normal with mean 0. */
export function normal(deviation: number): Initializer {
  return (rng, shape) => rng.fillNormal(new Float32Array(sizeOf(shape))).map((x) => x * deviation)
}

/** The same number everywhere. */
export function constant(value: number): Initializer {
  return (_, shape) => new Float32Array(sizeOf(shape)).fill(value)
}
