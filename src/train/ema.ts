import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import type { Tensors } from './optimizer.ts'

/** Settings of {@link averageDecay}; the defaults are Diffusion Policy's. */
export interface EmaOptions {
  /** Updates during which the average just copies the parameters; default 0. */
  readonly updateAfter?: number
  /** Default 1. */
  readonly inverseGamma?: number
  /** Default 0.75: the decay reaches 0.999 at 10,000 updates and 0.9999 at 215,000. */
  readonly power?: number
  /** Default 0. */
  readonly minimum?: number
  /** Default 0.9999. */
  readonly maximum?: number
}

/**
 * Decay of the moving average of the parameters at update `update`, counted from 0:
 * 1 − (1 + s/inverseGamma)^−power with s = update − updateAfter − 1, and 0 while s ≤ 0, so the first two
 * updates copy the parameters (Diffusion Policy's `EMAModel`, after Crowson).
 */
export function averageDecay(update: number, options: EmaOptions = {}): number {
  const { updateAfter = 0, inverseGamma = 1, power = 0.75, minimum = 0, maximum = 0.9999 } = options
  if (!(minimum >= 0 && minimum <= maximum && maximum <= 1)) {
    throw new InputError(
      `The average's decay limits ${minimum} and ${maximum} are not 0 ≤ minimum ≤ maximum ≤ 1.`,
    )
  }
  const steps = update - updateAfter - 1
  if (steps <= 0) return 0
  return Math.min(maximum, Math.max(minimum, 1 - (1 + steps / inverseGamma) ** -power))
}

/** decay · average + (1 − decay) · parameters, as average + (1 − decay)(parameters − average). */
export function updateAverage(average: Tensors, parameters: Tensors, decay: tf.Tensor): Tensors {
  const gain = tf.sub(1, decay)
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      tf.add(average[name], tf.mul(tf.sub(parameter, average[name]), gain)),
    ]),
  )
}
