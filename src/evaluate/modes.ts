import { quantileSorted } from 'simple-statistics'
import type { Rng } from '../random/rng.ts'
import { bootstrapCounts, type Estimate, resampledFigures, wilson } from './interval.ts'

/** How often the modes were shown, and how evenly. */
export interface ModeStatistics {
  readonly names: readonly string[]
  /** Counted episodes that showed each mode. */
  readonly counts: readonly number[]
  /** Counted episodes that showed any mode: the sum of the counts. */
  readonly total: number
  /** Modes shown at least once. */
  readonly seen: number
  /** Share of each mode with Wilson's interval; `null` if no episode showed a mode. */
  readonly shares: readonly Estimate[] | null
  /** Entropy of the shares in units of the uniform one, so in [0, 1]; `null` with one mode, or none shown. */
  readonly entropy: Estimate | null
  /** Total variation distance of the shares from uniform, in [0, 1 − 1/K]; `null` if no episode showed a mode. */
  readonly totalVariation: Estimate | null
  /** What {@link totalVariation} is on average for a perfectly even policy in as many episodes. */
  readonly totalVariationFloor: number | null
}

/**
 * How often and how evenly modes were shown. Over successful episodes, where the environment does not say
 * otherwise, as D3IL does (Jia et al. 2024): an entropy of failures says nothing.
 *
 * @param shown the mode of each counted episode, −1 for none
 */
export function modeStatistics(names: readonly string[], shown: readonly number[], rng: Rng): ModeStatistics {
  const counts = names.map((_, mode) => shown.filter((other) => other === mode).length)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const some = total > 0
  return {
    names,
    counts,
    total,
    seen: counts.filter((count) => count > 0).length,
    shares: some ? counts.map((count) => wilson(count, total)) : null,
    entropy: some && names.length > 1 ? bootstrapCounts(counts, entropy, [0, 1], rng.fork('entropy')) : null,
    totalVariation: some ? estimateTotalVariation(counts, rng.fork('total variation')) : null,
    totalVariationFloor: some ? totalVariationFloor(names.length, total) : null,
  }
}

/** −Σ p·log_K p of the shares of K counts; 1 where all are equal, 0 where one has everything. */
export function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let sum = 0
  for (const count of counts) {
    if (count > 0) sum -= (count / total) * Math.log(count / total)
  }
  return Math.min(1, Math.max(0, sum / Math.log(counts.length)))
}

/** ½ Σ |p − 1/K| of the shares of K counts. */
export function totalVariation(counts: readonly number[]): number {
  return distance(
    counts,
    counts.map(() => 1),
  )
}

/**
 * Total variation from uniform, with an interval that also holds near 0. There the figure of a sample is far
 * above the truth, whose bias resampling cannot tell, so the lower bound takes the triangle inequality: the
 * policy's distance from uniform is at least the sample's less the distance between sample and policy, whose
 * 95 % quantile the bootstrap gives. The upper bound is that of {@link bootstrapCounts}.
 */
export function estimateTotalVariation(counts: readonly number[], rng: Rng): Estimate {
  const range = [0, 1 - 1 / counts.length] as const
  const { value, high } = bootstrapCounts(counts, totalVariation, range, rng.fork('upper'))
  const strays = resampledFigures(counts, (resampled) => distance(resampled, counts), rng.fork('lower'))
  return { value, low: Math.max(0, value - quantileSorted(strays, 0.95)), high }
}

/**
 * The expected {@link entropy} of `total` independent draws from a uniform choice of `modes`: what a perfectly even
 * policy scores on average, below 1 in every finite sample. Summed over the binomial distribution of one count.
 */
export function entropyCeiling(modes: number, total: number): number {
  if (modes === 1) return 1
  const p = 1 / modes
  let log = total * Math.log(1 - p)
  let sum = 0
  for (let count = 1; count <= total; count++) {
    log += Math.log((total - count + 1) / count) + Math.log(p / (1 - p))
    const share = count / total
    sum -= Math.exp(log) * share * Math.log(share)
  }
  return (modes * sum) / Math.log(modes)
}

/** Total variation distance of the shares of two vectors of counts. */
function distance(a: readonly number[], b: readonly number[]): number {
  const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
  const [totalA, totalB] = [sumOf(a), sumOf(b)]
  return a.reduce((sum, count, i) => sum + Math.abs(count / totalA - b[i] / totalB), 0) / 2
}

/**
 * The expected total variation from uniform of `total` independent draws from a uniform choice of `modes`:
 * K/2n times the mean absolute deviation of Binomial(n, 1/K), which de Moivre's identity gives as
 * 2 m (1 − p)^(n−m+1) p^m C(n, m) with m = ⌊np⌋ + 1 (Diaconis and Zabell 1991).
 */
export function totalVariationFloor(modes: number, total: number): number {
  if (modes === 1) return 0
  const p = 1 / modes
  // In whole numbers, so that a count that K divides is not rounded away.
  const m = Math.floor(total / modes) + 1
  let log = Math.log(2 * m) + (total - m + 1) * Math.log(1 - p) + m * Math.log(p)
  for (let i = 1; i <= m; i++) log += Math.log((total - m + i) / i)
  return (modes / (2 * total)) * Math.exp(log)
}
