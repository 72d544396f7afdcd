import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'
import type { Denoise } from '../denoise.ts'
import { type DiscreteProcess, isDiscrete, type Process } from '../process.ts'
import type { NoiseSource } from '../random-rows.ts'

/**
 * Changes the present samples in place, such as to hold a plan's start and goal. Called on the initial noise
 * (step 0) and after every step.
 *
 * @param x samples, [B, D], to be changed in place
 * @param time the process time of x, `process.end` after the last step
 * @param step how many steps have been done
 */
export type Project = (x: Rows, time: number, step: number) => void

/**
 * What is to be sampled. The noise source (`streams`, `rng` or `draw`) is needed by the samplers that add
 * noise on the way: DDPM, and DDIM with eta > 0.
 */
export interface Sampling extends NoiseSource {
  readonly process: Process
  readonly denoise: Denoise
  /** Standard normal noise to start from, [B, D]; not changed. */
  readonly noise: Rows
  readonly project?: Project
}

/** One step of a sampler. Its arrays are fresh: keep them as you like. */
export interface SamplerStep {
  /** How many steps are done, from 1. */
  readonly step: number
  /** How many there will be; absent for an adaptive sampler. */
  readonly steps?: number
  /** The process time of x. */
  readonly time: number
  /** The present samples, [B, D]; the result after the last step. */
  readonly x: Rows
  /** The clean data that the network predicted in this step, [B, D]. */
  readonly denoised: Rows
  /** Network evaluations so far. */
  readonly evaluations: number
}

/** A sampler with its settings; errors in them come with the first step. */
export type Sampler = (sampling: Sampling) => AsyncGenerator<SamplerStep, void, undefined>

/** A projected copy of the initial noise. @throws InputError if it is empty */
export function begin({ noise, process, project }: Sampling): Rows {
  if (noise.values.length === 0) {
    throw new InputError(
      `There is nothing to sample: the initial noise is ${noise.rows} rows of ${noise.columns}; give at least one value.`,
    )
  }
  const x = { ...noise, values: noise.values.slice() }
  project?.(x, process.start, 0)
  return x
}

/** Rows of the same shape, not initialised with anything but zeros. */
export function like(x: Rows): Rows {
  return { ...x, values: new Float32Array(x.values.length) }
}

/** @throws InputError naming the sampler and the process unless the process has discrete steps */
export function requireDiscrete(process: Process, sampler: string): DiscreteProcess {
  if (isDiscrete(process)) return process
  throw new InputError(
    `The sampler "${sampler}" needs a process with discrete steps, which ${process.name} is not; use "euler", "heun", "dpm-solver" or "dopri5".`,
  )
}
