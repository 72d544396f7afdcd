import type { PlannerConfig } from '../../config/planner.ts'
import { finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import type { Metric } from '../metric.ts'
import type { JobRecord, PlanEvaluation } from '../record.ts'
import type { Results } from '../results.ts'

/** The least and the most network evaluations a plan. */
export const [FEWEST] = EVALUATIONS
export const MOST = EVALUATIONS[EVALUATIONS.length - 1]
/** Numbers of evaluations that verdicts are written out for; the tables have all. */
export const TOLD = [FEWEST, MOST] as const

/** The results of a part of the tasks. */
export interface Section {
  readonly results: Results
  readonly tasks: readonly string[]
  readonly arms: readonly string[]
}

/** Name of the environment of a planner's job. */
export function environmentOf({ config }: JobRecord): string | undefined {
  return (config as Partial<PlannerConfig>).environment
}

/** The last evaluations of an arm's planners, one for each seed. */
export function lastPlans(
  ...[{ evaluations: all }, task, arm, count]: [Results, string, string, number]
): PlanEvaluation[] {
  const own = all.filter(
    (one): one is PlanEvaluation =>
      one.type === 'evaluation' && one.task === task && one.arm === arm && one.evaluations === count,
  )
  return [...groupBy(own, ({ seed }) => `${seed}`).values()].map((some) =>
    some.reduce((last, one) => (one.step >= last.step ? one : last)),
  )
}

/** Mean over seeds of an arm's final figure. */
export function meanFigure(
  ...[results, task, arm, evaluations, metric]: [Results, string, string, number, Metric]
): number {
  return meanOf([...finalFigures(results, task, { arm, evaluations }, metric).values()])
}

/** `1 evaluation`, `10 evaluations` */
export function calls(count: number): string {
  return `${count} ${count === 1 ? 'evaluation' : 'evaluations'}`
}

/** Part of a file's name. */
export function slug(task: string): string {
  return task.replaceAll('/', '-')
}

export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

export function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value])
  return groups
}
