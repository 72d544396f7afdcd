import { mean, quantileSorted } from 'simple-statistics'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'

/** A figure and its 95 % confidence interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The 0.975 quantile of the standard normal distribution. */
const Z = 1.959963984540054

/** Resamples of a bootstrap. */
export const RESAMPLES = 2000

/**
 * A share with Wilson's score interval (Wilson 1927): it stays within [0, 1] and keeps its width at 0 and 1.
 *
 * @param count of successes
 * @param total number of trials, at least 1
 * @throws InputError unless 0 ≤ count ≤ total and total ≥ 1
 */
export function wilson(count: number, total: number): Estimate {
  if (!(Number.isInteger(count) && Number.isInteger(total) && count >= 0 && count <= total && total > 0)) {
    throw new InputError(`${count} of ${total} is no share; give whole numbers with 0 <= count <= total.`)
  }
  const value = count / total
  const centre = value + (Z * Z) / (2 * total)
  const half = Z * Math.sqrt((value * (1 - value)) / total + (Z * Z) / (4 * total * total))
  const scale = 1 + (Z * Z) / total
  // At the ends the exact bound is the end itself; rounding must not move it.
  return {
    value,
    low: count === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: count === total ? 1 : Math.min(1, (centre + half) / scale),
  }
}

/**
 * The mean of a sample with the percentile bootstrap's interval (Efron 1979), {@link RESAMPLES} resamples.
 *
 * @param values at least one
 * @throws InputError for an empty sample
 */
export function bootstrapMean(values: readonly number[], rng: Rng): Estimate {
  if (values.length === 0) throw new InputError('A mean of no values was asked for; give at least one.')
  const value = meanOf(values, (i) => i)
  const sorted = resampledMeans(values, rng)
  const low = quantileSorted(sorted, 0.025)
  const high = quantileSorted(sorted, 0.975)
  // Equal values must give an interval of no width, whatever the order of rounding.
  return { value, low: Math.min(low, value), high: Math.max(high, value) }
}

/**
 * A figure of a sample of categories with the percentile bootstrap's interval, moved by twice the bootstrap's
 * estimate of the bias: figures such as the entropy are underrated by every finite sample, and once more by
 * every resample of it. The interval is clamped to `range`, and extended to the figure where that lies outside.
 *
 * @param counts how often each category was seen, at least one in all
 * @param figure of such counts
 */
export function bootstrapCounts(
  counts: readonly number[],
  figure: (counts: readonly number[]) => number,
  range: readonly [number, number],
  rng: Rng,
): Estimate {
  const value = figure(counts)
  const figures = resampledFigures(counts, figure, rng)
  const bias = mean(figures) - value
  const clamp = (bound: number) => Math.min(Math.max(bound, range[0]), range[1])
  return {
    value,
    low: Math.min(value, clamp(quantileSorted(figures, 0.025) - 2 * bias)),
    high: Math.max(value, clamp(quantileSorted(figures, 0.975) - 2 * bias)),
  }
}

/** The mean of each of {@link RESAMPLES} resamples, in ascending order. */
export function resampledMeans(values: readonly number[], rng: Rng): number[] {
  const means = Float64Array.from({ length: RESAMPLES }, () =>
    meanOf(values, () => Math.floor(rng.uniform() * values.length)),
  )
  return Array.from(means.sort())
}

/** A figure of each of {@link RESAMPLES} resamples of a sample of categories, in ascending order. */
export function resampledFigures(
  counts: readonly number[],
  figure: (counts: readonly number[]) => number,
  rng: Rng,
): number[] {
  const labels = counts.flatMap((count, category) => Array<number>(count).fill(category))
  const figures = Float64Array.from({ length: RESAMPLES }, () => {
    const resampled = counts.map(() => 0)
    for (let i = 0; i < labels.length; i++) resampled[labels[Math.floor(rng.uniform() * labels.length)]]++
    return figure(resampled)
  })
  return Array.from(figures.sort())
}

function meanOf(values: readonly number[], index: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[index(i)]
  return sum / values.length
}
