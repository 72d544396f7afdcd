import { InputError, lookUp } from '../errors.ts'

/** How the learning rate goes on after its linear warm-up. */
export type LearningRateShape = 'constant' | 'linear' | 'cosine'

/** A learning-rate schedule, as diffusers' `get_scheduler` gives. */
export interface LearningRateOptions {
  readonly shape: LearningRateShape
  /** The rate after the warm-up. */
  readonly rate: number
  /** Steps of linear warm-up from 0; the first step's rate is 0 unless this is 0. */
  readonly warmup: number
  /** Steps in all, at whose end `linear` and `cosine` reach 0. */
  readonly steps: number
}

/** Factor of the rate after warm-up, by the share of the remaining steps that has passed. */
const SHAPES: Record<LearningRateShape, (progress: number) => number> = {
  constant: () => 1,
  linear: (progress) => Math.max(0, 1 - progress),
  cosine: (progress) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress))),
}

/**
 * The learning rate of each step, counted from 0.
 *
 * @throws InputError for an unknown shape or a number out of range
 */
export function learningRate(options: LearningRateOptions): (step: number) => number {
  const { shape, rate, warmup, steps } = options
  const factor = lookUp('learning-rate shape', SHAPES, shape)
  if (!(rate >= 0 && Number.isFinite(rate))) {
    throw new InputError(`The learning rate "rate" is ${rate}; give a finite number of at least 0.`)
  }
  if (!(Number.isSafeInteger(warmup) && warmup >= 0)) {
    throw new InputError(`The learning rate's "warmup" is ${warmup}; give a whole number of at least 0.`)
  }
  return (step) =>
    step < warmup
      ? (rate * step) / Math.max(1, warmup)
      : rate * factor((step - warmup) / Math.max(1, steps - warmup))
}
