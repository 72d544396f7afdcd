import { tf } from '../engine/tf.ts'
import { constant, fanInUniform, type Initializer, normal } from './initializers.ts'
import type { ParameterScope, Parameters } from './parameter-scope.ts'

/** How a linear layer starts; PyTorch's defaults where absent. */
export interface LinearOptions {
  readonly weight?: Initializer
  /** false for a layer without bias. */
  readonly bias?: Initializer | false
}

/** A layer's function of its parameters and an input. */
export type Layer = (parameters: Parameters, input: tf.Tensor) => tf.Tensor

/** The transformer's initialisation in Diffusion Policy (after minGPT): normal weights, no bias. */
export const SMALL_NORMAL: LinearOptions = {
  weight: normal(0.02),
  bias: constant(0),
}

/** `torch.nn.Linear`: [..., inputs] → [..., outputs], parameters `weight` [outputs, inputs] and `bias` [outputs]. */
export function linear(
  scope: ParameterScope,
  inputs: number,
  outputs: number,
  options: LinearOptions = {},
): Layer {
  const standard = fanInUniform(inputs)
  const weight = scope.define('weight', {
    stateShape: [outputs, inputs],
    initial: options.weight ?? standard,
  })
  if (options.bias === false) return (parameters, input) => affine(input, weight(parameters))
  const bias = scope.define('bias', { stateShape: [outputs], initial: options.bias ?? standard })
  return (parameters, input) => affine(input, weight(parameters), bias(parameters))
}

/** input · weightᵀ + bias over the last axis: [..., I], [O, I], [O] → [..., O]. */
export function affine(input: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const [outputs, inputs] = weight.shape
  const matrix = input.rank === 2 ? (input as tf.Tensor2D) : tf.reshape(input, [-1, inputs])
  const result = tf.fused.matMul({ a: matrix, b: weight as tf.Tensor2D, transposeB: true, bias })
  return input.rank === 2 ? result : tf.reshape(result, [...input.shape.slice(0, -1), outputs])
}
