import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import type { Denoise } from './denoise.ts'
import type { Process } from './process.ts'

/**
 * The mean of clean data given x_t = alpha·data + sigma·noise, where the data are these samples, each as likely as
 * the others, and the noise is independent: what a denoiser would predict that knows the samples and nothing else.
 *
 * @param samples [n, D]
 * @param x [B, D]
 * @param sigma 0 gives the nearest sample
 * @returns [B, D]
 * @throws InputError for no samples or other widths
 */
export function idealData(samples: Rows, x: Rows, alpha: number, sigma: number): Rows {
  const { columns } = samples
  if (samples.rows < 1 || x.columns !== columns) {
    throw new InputError(
      `${samples.rows} samples of ${columns} numbers say nothing of ${x.columns} numbers; give samples of the same width.`,
    )
  }
  const out = new Float32Array(x.values.length)
  const logs = new Float64Array(samples.rows)
  const scale = 1 / (2 * Math.max(sigma, 1e-12) ** 2)
  for (let i = 0; i < x.rows; i++) {
    let largest = -Infinity
    for (let s = 0; s < samples.rows; s++) {
      let sum = 0
      for (let k = 0, at = i * columns, from = s * columns; k < columns; k++) {
        const difference = x.values[at + k] - alpha * samples.values[from + k]
        sum += difference * difference
      }
      logs[s] = -scale * sum
      largest = Math.max(largest, logs[s])
    }
    let total = 0
    for (let s = 0; s < samples.rows; s++) total += logs[s] = Math.exp(logs[s] - largest)
    for (let s = 0; s < samples.rows; s++) {
      const weight = logs[s] / total
      // Most samples are far too far away to count.
      if (weight < 1e-9) continue
      for (let k = 0; k < columns; k++) out[i * columns + k] += weight * samples.values[s * columns + k]
    }
  }
  return { values: out, rows: x.rows, columns }
}

/**
 * {@link idealData} in the place of a network, in a process of its own whose network time is the process time.
 *
 * @param samples [n, D]
 * @param process any but consistency models, whose network has nothing to predict at the end of a path
 */
export function idealDenoiser(
  samples: Rows,
  process: Process,
): { readonly denoise: Denoise; readonly process: Process } {
  return {
    // Means of samples need no clamping, which would only bend them.
    process: { ...process, networkTime: (t) => t, clip: undefined, inputScale: undefined },
    async denoise(x, t) {
      const alpha = process.alpha(t)
      const sigma = process.sigma(t)
      const target = process.target(t)
      const { values } = idealData(samples, x, alpha, sigma)
      for (let k = 0; k < values.length; k++) {
        // Clean data say nothing of the noise, whose mean is 0.
        const noise = sigma > 0 ? (x.values[k] - alpha * values[k]) / sigma : 0
        values[k] = target.data * values[k] + target.noise * noise
      }
      return { ...x, values }
    },
  }
}
