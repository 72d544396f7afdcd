import type { Estimate } from '../evaluate/interval.ts'
import {
  holm,
  type PairedDifference,
  pairedDifference,
  seedsNeeded,
  studentQuantile,
} from '../evaluate/paired.ts'
import { Rng } from '../random/rng.ts'
import type { Metric } from './metric.ts'
import type { EvaluationRecord } from './record.ts'
import type { Results } from './results.ts'

/** Paired seeds below which nothing is claimed, whatever the p-value. */
export const ENOUGH_SEEDS = 5

/** Corrected p-values below which a difference is claimed. */
const SIGNIFICANT = 0.05
/** Chance of a finding that the needed seeds are reckoned for. */
const POWER = 0.8

/** One arm at a number of network evaluations a plan. */
export interface Side {
  readonly arm: string
  readonly evaluations: number
}

/** A figure of one side, by seed. */
export type BySeed = ReadonlyMap<number, number>

/** Two sides over the seeds that both have. */
export interface Comparison {
  readonly task: string
  readonly side: Side
  readonly against: Side
  readonly metric: Metric
  /** Mean over the common seeds. */
  readonly value: number
  readonly reference: number
  readonly seeds: number
  /** null below two seeds. */
  readonly difference: PairedDifference | null
}

/** A comparison with its p-value corrected for the others that were made with it. */
export interface Judged extends Comparison {
  /** Holm's; null where nothing is claimed. */
  readonly adjusted: number | null
  /**
   * Seeds that would tell the difference seen from none with 80 % power, at the level that Holm's method asks of the
   * next finding; infinity without a difference.
   */
  readonly needed: number
}

/** The last evaluations of a side by seed; seeds without the figure are left out. */
export function finalFigures(results: Results, task: string, side: Side, metric: Metric): BySeed {
  const last = new Map<number, EvaluationRecord>()
  for (const evaluation of results.evaluations) {
    const { seed, step } = evaluation
    if (evaluation.task !== task || evaluation.arm !== side.arm) continue
    if (evaluation.evaluations !== side.evaluations) continue
    if (step >= (last.get(seed)?.step ?? 0)) last.set(seed, evaluation)
  }
  const figures = [...last].flatMap(([seed, evaluation]) => {
    const value = metric.of(evaluation)
    return value === null ? [] : [[seed, value] as const]
  })
  return new Map(figures.sort(([a], [b]) => a - b))
}

/** @returns undefined if no seed has both sides */
export function compareSides(
  results: Results,
  task: string,
  side: Side,
  against: Side,
  metric: Metric,
): Comparison | undefined {
  const a = finalFigures(results, task, side, metric)
  const b = finalFigures(results, task, against, metric)
  return compareFigures(task, side, against, metric, a, b)
}

/** The same for figures that were worked out already. */
export function compareFigures(
  task: string,
  side: Side,
  against: Side,
  metric: Metric,
  a: BySeed,
  b: BySeed,
): Comparison | undefined {
  const seeds = [...a.keys()].filter((seed) => b.has(seed))
  if (seeds.length === 0) return undefined
  const values = seeds.map((seed) => a.get(seed)!)
  const references = seeds.map((seed) => b.get(seed)!)
  const rng = Rng.seeded(0).fork('comparison')
  const difference = seeds.length < 2 ? null : pairedDifference(values, references, rng)
  return {
    task,
    side,
    against,
    metric,
    value: mean(values),
    reference: mean(references),
    seeds: seeds.length,
    difference,
  }
}

/**
 * Two sides over several tasks at once: seed by seed, the means of their figures over the tasks on which both have
 * enough seeds for a claim. The interval is over seeds, so it speaks of these tasks, not of others like them.
 *
 * @returns undefined below two such tasks
 */
export function compareOverTasks(
  results: Results,
  tasks: readonly string[],
  side: Side,
  against: Side,
  metric: Metric,
): Comparison | undefined {
  const both = tasks.flatMap((task) => {
    const a = finalFigures(results, task, side, metric)
    const b = finalFigures(results, task, against, metric)
    const seeds = [...a.keys()].filter((seed) => b.has(seed))
    return seeds.length < ENOUGH_SEEDS ? [] : [{ a, b, seeds }]
  })
  if (both.length < 2) return undefined
  const common = both[0].seeds.filter((seed) => both.every(({ seeds }) => seeds.includes(seed)))
  const over = (figures: readonly BySeed[]): BySeed =>
    new Map(common.map((seed) => [seed, mean(figures.map((one) => one.get(seed)!))]))
  return compareFigures(
    `${both.length} tasks`,
    side,
    against,
    metric,
    over(both.map(({ a }) => a)),
    over(both.map(({ b }) => b)),
  )
}

/** Corrects a family of comparisons by Holm's method, over those that have enough seeds for a claim. */
export function judge(comparisons: readonly Comparison[]): Judged[] {
  const tested = comparisons.filter(({ seeds }) => seeds >= ENOUGH_SEEDS)
  const adjusted = holm(tested.map(({ difference }) => difference!.p))
  const open = adjusted.filter((p) => p >= SIGNIFICANT).length
  return comparisons.map((comparison) => {
    const index = tested.indexOf(comparison)
    const { difference } = comparison
    // With enough seeds it would be one more of those that are not told from none yet.
    const level = SIGNIFICANT / (index < 0 ? open + 1 : Math.max(1, open))
    return {
      ...comparison,
      adjusted: index < 0 ? null : adjusted[index],
      needed: difference
        ? seedsNeeded(difference.t.value, difference.deviation, POWER, level)
        : Number.POSITIVE_INFINITY,
    }
  })
}

/** What a comparison can say. */
export const FINDINGS = ['better', 'worse', 'no significant difference', 'not enough seeds'] as const
export type Finding = (typeof FINDINGS)[number]

/** Whether the corrected difference is significant at 5 %, and which way. */
export function finding({ adjusted, difference, metric }: Judged): Finding {
  if (adjusted === null || difference === null) return 'not enough seeds'
  if (adjusted >= SIGNIFICANT) return 'no significant difference'
  return difference.t.value > 0 === (metric.better === 'higher') ? 'better' : 'worse'
}

/** Whether a difference was told from none. */
export function claimed(judged: Judged): boolean {
  const found = finding(judged)
  return found === 'better' || found === 'worse'
}

/** A mean over seeds with its t interval; without width for a single seed. */
export function estimateOver(values: readonly number[]): Estimate {
  const value = mean(values)
  const n = values.length
  if (n < 2) return { value, low: value, high: value }
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1)
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n)
  return { value, low: value - half, high: value + half }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
