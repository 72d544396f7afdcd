import { InputError } from '../errors.ts'
import { checkBetween } from './checks.ts'
import type { Denoise } from './denoise.ts'

/** Settings of {@link guide}. */
export interface GuidanceOptions {
  /** The network given the condition. */
  readonly conditional: Denoise
  /** The network given the null condition. */
  readonly unconditional: Denoise
  /** w: 0 is unconditional, 1 conditional, more exaggerates the condition. */
  readonly scale: number
  /**
   * φ in [0, 1]: how much of the guided prediction is rescaled, row by row, to the standard deviation of the
   * conditional one; 0 by default.
   */
  readonly rescale?: number
}

/**
 * Classifier-free guidance (Ho & Salimans 2022, arXiv 2207.12598): unconditional + w·(conditional −
 * unconditional), with the rescaling of "Common Diffusion Noise Schedules and Sample Steps are Flawed" (Lin
 * et al. 2024, arXiv 2305.08891, equations 14–16). At scale 1 or 0 only the one network that counts is asked.
 *
 * @throws InputError for a scale that is not finite or a rescale outside [0, 1]
 */
export function guide({ conditional, unconditional, scale, rescale = 0 }: GuidanceOptions): Denoise {
  if (!Number.isFinite(scale)) {
    throw new InputError(`The guidance scale is ${scale}; it must be a finite number.`)
  }
  checkBetween('rescale', rescale, 0, 1)
  if (scale === 1) return conditional
  if (scale === 0 && rescale === 0) return unconditional
  return async (x, time) => {
    // Kept apart from whatever buffer the networks share.
    const given = (await conditional(x, time)).values.slice()
    const free = await unconditional(x, time)
    if (free.values.length !== given.length) {
      throw new InputError(
        `The conditional denoiser returned ${given.length} values and the unconditional one ${free.values.length}; they must have the same shape.`,
      )
    }
    const guided = new Float32Array(given.length)
    for (let i = 0; i < guided.length; i++) guided[i] = free.values[i] + scale * (given[i] - free.values[i])
    if (rescale > 0) {
      for (let begin = 0; begin < guided.length; begin += free.columns) {
        const spread = deviation(guided, begin, begin + free.columns)
        const factor = spread === 0 ? 1 : deviation(given, begin, begin + free.columns) / spread
        for (let i = begin; i < begin + free.columns; i++) guided[i] *= rescale * factor + (1 - rescale)
      }
    }
    return { ...free, values: guided }
  }
}

/** Standard deviation of `values` from `begin` to `end`. */
function deviation(values: Float32Array, begin: number, end: number): number {
  let sum = 0
  let squares = 0
  for (let i = begin; i < end; i++) sum += values[i]
  const mean = sum / (end - begin)
  for (let i = begin; i < end; i++) squares += (values[i] - mean) ** 2
  return Math.sqrt(squares / (end - begin))
}
