import { normalRows } from '../coupling/normal-rows.ts'
import type { Process } from '../diffusion/index.ts'
import { isDiscrete } from '../diffusion/index.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, row, zeroRows } from '../rows.ts'
import type { Contest } from './contested.ts'
import { projections } from './contested.ts'
import type { PredictData } from './predict.ts'

/** Places along the axis. */
const PLACES = 41
/** How far the curve reaches, in deviations of x_t. */
const REACH = 3

/** How the predicted data change while the noisy sample moves from one mode's side to the other's. */
export interface Response {
  /** The process time: the noise level at which the modes separate. */
  readonly time: number
  /** Places on the axis in standard deviations of x_t within a mode, 0 between the modes, ascending. */
  readonly places: readonly number[]
  /** Predicted data along the axis at each place, 0 between the centroids, in the units of the data. */
  readonly predicted: readonly number[]
  /** Greatest less least of `predicted`: the modality-response range. */
  readonly range: number
}

/**
 * The noise level at which two modes separate: where their diffused mixture, α·distance apart with deviations
 * √(α²·within² + σ²), turns from one hump to two, which two equal normals do at a distance of two deviations.
 */
export function separationTime(process: Process, { distance, within }: Contest): number {
  const steps = isDiscrete(process) ? process.steps - 1 : 1000
  const at = (k: number) => process.start + ((process.end - process.start) * k) / (steps + 1)
  for (let k = 0; k <= steps; k++) {
    const t = isDiscrete(process) ? process.start - k : at(k)
    const [alpha, sigma] = [process.alpha(t), process.sigma(t)]
    // Groups whose own spread hides them never separate; then only the noise is asked to give way.
    const spread = distance > 2 * within ? Math.hypot(alpha * within, sigma) : sigma
    if (alpha * distance >= 2 * spread) return t
  }
  return isDiscrete(process) ? 0 : at(steps)
}

/**
 * The modality-response curve (Immiscible Diffusion Policy, arXiv 2610.09369): at the noise level at which the two
 * groups of samples at one condition separate, noisy samples are moved along the line through the groups' centroids,
 * and the denoiser's clean prediction is read along it. One that averages the modes does not respond.
 *
 * @param predict the denoiser under the contest's condition
 * @param rng draws which samples are noised, and the noise
 * @param draws noisy samples averaged at each place
 */
export async function responseCurve(
  predict: PredictData,
  process: Process,
  contest: Contest,
  rng: Rng,
  draws = 32,
): Promise<Response> {
  const { samples, axis, middle, within } = contest
  const { columns } = samples
  const time = separationTime(process, contest)
  const [alpha, sigma] = [process.alpha(time), process.sigma(time)]
  const unit = Math.hypot(alpha * within, sigma)
  const noise = normalRows(rng.fork('noise'), draws, columns)
  const chosen = rng.fork('samples').permutation(samples.rows)
  const noisy = zeroRows(draws, columns)
  for (let i = 0; i < draws; i++) {
    const from = row(samples, chosen[i % samples.rows])
    for (let k = 0; k < columns; k++) {
      noisy.values[i * columns + k] = alpha * from[k] + sigma * noise.values[i * columns + k]
    }
  }
  const origin = middle.reduce((sum, value, k) => sum + value * axis[k], 0)
  const along = projections(noisy, axis)
  const places = Array.from({ length: PLACES }, (_, p) => REACH * ((2 * p) / (PLACES - 1) - 1))
  const moved = zeroRows(PLACES * draws, columns)
  places.forEach((place, p) => {
    for (let i = 0; i < draws; i++) {
      const shift = alpha * origin + unit * place - along[i]
      const to = row(moved, p * draws + i)
      for (let k = 0; k < columns; k++) to[k] = noisy.values[i * columns + k] + shift * axis[k]
    }
  })
  const read = projections(await predict(moved, time), axis)
  const predicted = places.map(
    (_, p) =>
      read.subarray(p * draws, (p + 1) * draws).reduce((sum, value) => sum + value, 0) / draws - origin,
  )
  return { time, places, predicted, range: Math.max(...predicted) - Math.min(...predicted) }
}

/** Predictions from pure noise, in one step. */
export interface FirstStep {
  /** The process time: its noisiest. */
  readonly time: number
  /** Predicted data, [count, D]. */
  readonly predicted: Rows
  /**
   * Variance of the predictions over the noise, relative to that of the samples: 0 where the noise decides nothing,
   * which is right for independent noise; 1 where one step makes samples as varied as the data.
   */
  readonly signal: number
}

/**
 * One-step denoised samples at the noisiest level, where vanilla diffusion predicts next to nothing but the mean.
 *
 * @param noise [count, D]
 * @param samples of the same condition, [n, D]
 */
export async function firstStep(
  predict: PredictData,
  process: Process,
  noise: Rows,
  samples: Rows,
): Promise<FirstStep> {
  const predicted = await predict(noise, process.start)
  const spread = variance(samples)
  return {
    time: process.start,
    predicted,
    signal: spread > 0 ? variance(predicted) / spread : 0,
  }
}

/** Sum of the columns' variances. */
function variance({ values, rows, columns }: Rows): number {
  let total = 0
  for (let k = 0; k < columns; k++) {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += values[i * columns + k] / rows
    for (let i = 0; i < rows; i++) total += (values[i * columns + k] - mean) ** 2 / rows
  }
  return total
}
