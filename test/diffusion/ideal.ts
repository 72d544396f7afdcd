import type { Denoise, Process } from '../../src/diffusion/index.ts'
import { type Rows, rows } from '../../src/rows.ts'

/** The mean of the clean data given x_t = alpha·data + sigma·noise, for one coordinate. */
export type PosteriorMean = (x: number, alpha: number, sigma: number) => number

/** Data N(mean, deviation²) in every coordinate. */
export function gaussian(mean: number, deviation: number): PosteriorMean {
  return (x, alpha, sigma) =>
    mean + ((alpha * deviation ** 2) / (alpha ** 2 * deviation ** 2 + sigma ** 2)) * (x - alpha * mean)
}

/** Data at `points` with the given shares. */
export function points(places: readonly number[], shares: readonly number[]): PosteriorMean {
  return (x, alpha, sigma) => {
    const logs = places.map((place, k) => Math.log(shares[k]) - (x - alpha * place) ** 2 / (2 * sigma ** 2))
    const largest = Math.max(...logs)
    const weights = logs.map((log) => Math.exp(log - largest))
    const total = weights.reduce((sum, weight) => sum + weight)
    return places.reduce((sum, place, k) => sum + place * (weights[k] / total), 0)
  }
}

/** The network that a process would have after endless training, for a network time equal to process time. */
export function ideal(process: Process, mean: PosteriorMean): Denoise {
  return async (x, t) => {
    const alpha = process.alpha(t)
    const sigma = process.sigma(t)
    const target = process.target(t)
    return {
      ...x,
      values: x.values.map((value) => {
        // Clean data say nothing about the noise, whose mean is 0.
        if (sigma === 0) return target.data * value
        const data = mean(value, alpha, sigma)
        return target.data * data + (target.noise * (value - alpha * data)) / sigma
      }),
    }
  }
}

/** One column of standard normal quantiles: noise without sampling error. */
export function quantiles(count: number): Rows {
  return rows(
    Float32Array.from({ length: count }, (_, i) => normalQuantile((i + 0.5) / count)),
    count,
    1,
  )
}

/** The inverse of the standard normal distribution function, by bisection. */
export function normalQuantile(share: number): number {
  let [low, high] = [-8, 8]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The standard normal distribution function, by Simpson's rule. */
function normalShare(z: number): number {
  const intervals = 200
  const width = z / intervals
  let sum = 0
  for (let i = 0; i <= intervals; i++) {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 0 ? 2 : 4
    sum += weight * Math.exp(-((i * width) ** 2) / 2)
  }
  return 0.5 + (sum * width) / 3 / Math.sqrt(2 * Math.PI)
}

/** Mean and standard deviation. */
export function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / values.length) }
}
