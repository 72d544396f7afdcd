import { FailureError, InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import type { Process } from './process.ts'

/**
 * The network as samplers see it: its raw prediction for a whole batch.
 *
 * @param x noisy samples x_t, times `process.inputScale` where there is one, [B, D]; not to be changed or kept
 * @param time the time as the network's embedding sees it (already scaled by `process.networkTime`), the
 *   same for every row
 * @returns the prediction (noise, data or velocity, as the process defines it), [B, D]
 */
export type Denoise = (x: Rows, time: number) => Promise<Rows>

/** What a prediction implies. */
export interface Estimate {
  /** Predicted clean data, clamped where the process clips, [B, D]. */
  readonly data: Rows
  /** Predicted noise, [B, D]. */
  readonly noise: Rows
}

/** Settings of one {@link Estimator.estimate}. */
export interface EstimateOptions {
  /** What the network is told instead of `process.networkTime(t)`. */
  readonly networkTime?: number
  /**
   * Whether the noise is derived again from the clamped data, so that alpha·data + sigma·noise = x; else it
   * is what the network said, whatever became of the data.
   */
  readonly consistent?: boolean
}

/** Asks a network and counts how often. */
export interface Estimator {
  /** Number of network evaluations so far. */
  readonly evaluations: number
  /**
   * Predicted data and noise at x_t, in fresh arrays.
   *
   * @throws InputError if the prediction has another shape, FailureError if it is not finite
   */
  estimate(x: Rows, t: number, options?: EstimateOptions): Promise<Estimate>
}

/** Turns a network's raw predictions into data and noise by the process' coefficients. */
export function estimator(process: Process, denoise: Denoise): Estimator {
  let evaluations = 0
  return {
    get evaluations() {
      return evaluations
    },
    async estimate(x, t, { networkTime = process.networkTime(t), consistent = false } = {}) {
      const factor = process.inputScale?.(t)
      const input = factor === undefined ? x : { ...x, values: x.values.map((value) => factor * value) }
      const prediction = await denoise(input, networkTime)
      evaluations++
      if (prediction.rows !== x.rows || prediction.columns !== x.columns) {
        throw new InputError(
          `The denoiser returned ${prediction.rows} rows of ${prediction.columns} for ${x.rows} rows of ${x.columns}; return one prediction for each sample.`,
        )
      }
      const data = { ...x, values: new Float32Array(x.values.length) }
      const noise = { ...x, values: new Float32Array(x.values.length) }
      split(process, t, prediction.values, x.values, consistent, data.values, noise.values)
      return { data, noise }
    },
  }
}

function split(
  process: Process,
  t: number,
  prediction: Float32Array,
  x: Float32Array,
  consistent: boolean,
  data: Float32Array,
  noise: Float32Array,
): void {
  const toData = process.toData(t)
  const toNoise = process.toNoise(t)
  const clip = process.clip ?? Number.POSITIVE_INFINITY
  const alpha = process.alpha(t)
  const sigma = process.sigma(t)
  const derive = consistent && process.clip !== undefined
  for (let i = 0; i < x.length; i++) {
    const clean = toData.prediction * prediction[i] + toData.sample * x[i]
    if (!Number.isFinite(clean)) {
      throw new FailureError(
        `The denoiser's prediction ${prediction[i]} for sample value ${x[i]} at time ${t}, element ${i}, gives no finite data; check the network's weights.`,
      )
    }
    const clamped = Math.min(Math.max(clean, -clip), clip)
    data[i] = clamped
    noise[i] = derive
      ? (x[i] - alpha * clamped) / sigma
      : toNoise.prediction * prediction[i] + toNoise.sample * x[i]
  }
}
