import jstat from 'jstat'
import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { type Estimate, resampledMeans } from './interval.ts'

/** How much two arms differ over paired seeds. */
export interface PairedDifference {
  /** Pairs. */
  readonly n: number
  /** Mean of the differences, with the paired t interval, which is exact for normal differences. */
  readonly t: Estimate
  /**
   * The same with the bootstrap's expanded percentile interval (Hesterberg 2015, arXiv 1411.5279), which assumes no
   * shape. Below 8 pairs there are too few distinct resamples, and it covers less than 95 %.
   */
  readonly bootstrap: Estimate
  /** Sample standard deviation of the differences. */
  readonly deviation: number
  /** Two-sided p-value of the paired t test. */
  readonly p: number
}

/** Pairs from which the bootstrap's interval holds what it says. */
export const BOOTSTRAP_PAIRS = 8

/**
 * The difference a − b of paired figures, such as the successes of two arms with the same seeds.
 *
 * @param a one figure for each seed
 * @param b of the same seeds, in the same order
 * @param rng of the bootstrap
 * @throws InputError for fewer than two pairs, or figures without partners
 */
export function pairedDifference(a: readonly number[], b: readonly number[], rng: Rng): PairedDifference {
  if (a.length !== b.length || a.length < 2) {
    throw new InputError(
      `${a.length} and ${b.length} figures make no paired comparison; give equally many, at least two.`,
    )
  }
  const n = a.length
  const differences = a.map((value, i) => value - b[i])
  const value = mean(differences)
  // What rounding leaves of equal differences is no spread.
  const deviation = equal(differences) ? 0 : sampleStandardDeviation(differences)
  const error = deviation / Math.sqrt(n)
  const half = studentQuantile(0.975, n - 1) * error
  return {
    n,
    t: { value, low: value - half, high: value + half },
    bootstrap: expandedPercentile(differences, value, rng),
    deviation,
    p: error === 0 ? Number(value === 0) : twoSided(value / error, n - 1),
  }
}

/** The x below which Student's t distribution has the share p. */
export function studentQuantile(p: number, degrees: number): number {
  return jstat.studentt.inv(p, degrees)
}

/** Probability that Student's t is at least as far from 0 as `t`. */
function twoSided(t: number, degrees: number): number {
  return Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(t), degrees))
}

function expandedPercentile(values: readonly number[], value: number, rng: Rng): Estimate {
  const n = values.length
  const tail = jstat.normal.cdf(-Math.sqrt(n / (n - 1)) * studentQuantile(0.975, n - 1), 0, 1)
  const means = resampledMeans(values, rng)
  return {
    value,
    low: Math.min(value, quantileSorted(means, tail)),
    high: Math.max(value, quantileSorted(means, 1 - tail)),
  }
}

function equal(values: readonly number[]): boolean {
  const scale = Math.max(...values.map(Math.abs))
  return values.every((value) => Math.abs(value - values[0]) <= 1e-12 * scale)
}

/** Pairs beyond which nobody counts. */
const MOST_PAIRS = 10_000

/**
 * How many pairs a comparison needs to tell an effect of this size from none: the smallest n at which a paired t
 * test finds it with the given power, ((t_{1−level/2} + t_power)·deviation / effect)² solved for n.
 *
 * @param effect mean difference
 * @param deviation standard deviation of the differences
 * @param power chance of finding the effect
 * @param level of the test, two-sided; less than 5 % where it is one of several
 * @returns at least 2; infinity without an effect, or where 10,000 would not do
 */
export function seedsNeeded(effect: number, deviation: number, power = 0.8, level = 0.05): number {
  if (effect === 0) return Number.POSITIVE_INFINITY
  const ratio = (deviation / effect) ** 2
  const enough = (n: number) =>
    (studentQuantile(1 - level / 2, n - 1) + studentQuantile(power, n - 1)) ** 2 * ratio <= n
  if (!enough(MOST_PAIRS)) return Number.POSITIVE_INFINITY
  // Quantiles fall with n, so what is enough once stays so.
  let [few, many] = [1, MOST_PAIRS]
  while (many - few > 1) {
    const middle = (few + many) >> 1
    if (enough(middle)) many = middle
    else few = middle
  }
  return many
}

/**
 * p-values of several comparisons as if there had been one, by Holm's step-down method (Holm 1979): rejecting
 * those below 5 % keeps the chance of any false rejection below 5 %.
 *
 * @param p of each comparison
 * @returns adjusted, in the same order, each at least as large as before and at most 1
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[i] - p[j])
  const adjusted = p.map(() => 0)
  let least = 0
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (p.length - rank) * p[index]))
    adjusted[index] = least
  })
  return adjusted
}
