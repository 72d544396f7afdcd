import { seedsNeeded } from '../../evaluate/paired.ts'
import {
  type CurvePoint,
  compareReach,
  type Reached,
  reach,
  summarizeReach,
} from '../../evaluate/threshold.ts'
import { ARMS } from '../arm.ts'
import {
  type Comparison,
  compareOverTasks,
  compareSides,
  ENOUGH_SEEDS,
  FINDINGS,
  finding,
  type Judged,
  judge,
  type Side,
} from '../comparison.ts'
import { METRICS, type Metric } from '../metric.ts'
import type { Results } from '../results.ts'
import { countText, differenceText, figureText, pText, seedsText, seenText } from './format.ts'

/** A share of success within which two arms count as equally good. */
export const MARGIN = 0.05

/** Every arm beside the one that it is meant to be compared with; arms that stand alone are left out. */
function pairsOf(arms: readonly string[], evaluations: number): [Side, Side][] {
  return arms.flatMap((arm) => {
    const { against } = ARMS[arm]
    return against === undefined
      ? []
      : [
          [
            { arm, evaluations },
            { arm: against, evaluations },
          ] as [Side, Side],
        ]
  })
}

/** Compares every arm with the one it is meant to be compared with, on every task, and corrects for all of them. */
export function compareArms(
  results: Results,
  tasks: readonly string[],
  arms: readonly string[],
  evaluations: number,
  metric: Metric,
): Judged[] {
  return judge(
    tasks.flatMap((task) =>
      pairsOf(arms, evaluations).flatMap(
        ([side, other]) => compareSides(results, task, side, other, metric) ?? [],
      ),
    ),
  )
}

/** One sentence on an arm over several tasks; undefined where no task has two seeds to compare. */
export function verdict(subject: string, judged: readonly Judged[]): string | undefined {
  if (judged.every(({ difference }) => difference === null)) return undefined
  const parts = FINDINGS.flatMap((group) => {
    const found = judged.filter((one) => finding(one) === group)
    if (found.length === 0) return []
    const shown = found.map((one) => `\`${one.task}\` ${seenText(one)}`)
    const word = group === 'better' || group === 'worse' ? `**${group}**` : group
    const on = judged.length === 1 ? '' : ` on ${found.length} of ${judged.length} tasks`
    return [`${word}${on} (${shown.join('; ')})`]
  })
  return `${subject}: ${parts.join(', ')}.`
}

/** Every arm over all tasks with enough seeds at once, corrected for the number of arms. */
export function compareArmsOverTasks(
  results: Results,
  tasks: readonly string[],
  arms: readonly string[],
  evaluations: number,
  metric: Metric,
): Judged[] {
  return judge(
    pairsOf(arms, evaluations).flatMap(
      ([side, other]) => compareOverTasks(results, tasks, side, other, metric) ?? [],
    ),
  )
}

/** `better on `two-way/mlp`; not enough seeds on `push-t/mlp``: tasks by what was found, in the order of `kinds`. */
export function byFinding<F extends string>(
  kinds: readonly F[],
  found: readonly { readonly task: string; readonly finding: F; readonly remark?: string }[],
): string {
  return kinds
    .flatMap((kind) => {
      const tasks = found
        .filter(({ finding }) => finding === kind)
        .map(({ task, remark }) => (remark ? `\`${task}\` (${remark})` : `\`${task}\``))
      return tasks.length > 0 ? [`${kind} on ${tasks.join(', ')}`] : []
    })
    .join('; ')
}

/** What {@link equivalenceOf} answers, from good to bad. */
export const ANSWERS = ['yes, and better', 'yes', 'undecided', 'no', 'not enough seeds'] as const

/** Whether one side is at least as good as another, but for a margin. */
export interface Equivalence {
  readonly comparison: Comparison
  readonly margin: number
  readonly answer: (typeof ANSWERS)[number]
  /** Seeds that would tell the difference seen from the margin with 80 % power; infinity below two. */
  readonly needed: number
}

/**
 * Answers from the paired t interval: a side is as good if all of it lies within the margin, and not as good if none
 * of it does.
 */
export function asGoodAs(
  results: Results,
  task: string,
  side: Comparison['side'],
  against: Comparison['side'],
  metric: Metric,
  margin: number,
): Equivalence | undefined {
  const comparison = compareSides(results, task, side, against, metric)
  return comparison && equivalenceOf(comparison, margin)
}

/** The answer of a comparison that was made already; see {@link asGoodAs}. */
export function equivalenceOf(comparison: Comparison, margin: number): Equivalence {
  const { difference, metric } = comparison
  const gain = difference ? (metric.better === 'higher' ? 1 : -1) * difference.t.value : 0
  const needed = difference ? seedsNeeded(gain + margin, difference.deviation) : Number.POSITIVE_INFINITY
  return { comparison, margin, answer: answerOf(comparison, margin), needed }
}

function answerOf({ difference, seeds, metric }: Comparison, margin: number): Equivalence['answer'] {
  if (!difference || seeds < ENOUGH_SEEDS) return 'not enough seeds'
  const { low, high } = difference.t
  const [worst, best] = metric.better === 'higher' ? [low, high] : [-high, -low]
  if (worst > 0) return 'yes, and better'
  if (worst >= -margin) return 'yes'
  return best < -margin ? 'no' : 'undecided'
}

/**
 * An answer with its figures, on two lines.
 *
 * @param where such as ` on average over 4 tasks`
 */
export function equivalenceText({ answer, comparison, needed }: Equivalence, where = ''): string {
  const { difference, seeds, value, reference } = comparison
  const shown = answer === 'not enough seeds' ? `${answer} (${seeds} of ${ENOUGH_SEEDS})` : `**${answer}**`
  const figures = `${shown}${where}, ${figureText(value)} against ${figureText(reference)}`
  if (!difference) return figures
  const open = answer === 'undecided' || answer === 'not enough seeds'
  return `${figures}\n${differenceText(difference.t)}${open ? `, needs ${seedsText(needed)} seeds` : ''}`
}

/** Success along the training of each seed, in steps or in seconds. */
export function curves(
  results: Results,
  task: string,
  arm: string,
  evaluations: number,
  metric: Metric,
  by: 'steps' | 'seconds' = 'steps',
): Map<number, CurvePoint[]> {
  const made = new Map<number, CurvePoint[]>()
  for (const evaluation of results.evaluations) {
    if (evaluation.task !== task || evaluation.arm !== arm || evaluation.evaluations !== evaluations) continue
    const value = metric.of(evaluation)
    const { seed, step } = evaluation
    const at = by === 'steps' ? step : secondsAt(results, task, arm, seed, step)
    if (value === null || at === undefined) continue
    made.set(seed, [...(made.get(seed) ?? []), { at, value }])
  }
  for (const curve of made.values()) curve.sort((a, b) => a.at - b.at)
  return made
}

/** Training seconds up to a step: at the arm's own pace where that was measured, as the run took otherwise. */
function secondsAt(
  { paces, timings }: Results,
  task: string,
  arm: string,
  seed: number,
  step: number,
): number | undefined {
  const pace = paces.find((one) => one.task === task && one.arm === arm)
  if (pace) return (step * (pace.batch + pace.compute)) / 1000
  return timings.find(
    (timing) => timing.task === task && timing.arm === arm && timing.seed === seed && timing.step === step,
  )?.seconds
}

/** When each seed of an arm reached a level of success; see {@link curves}. */
export function reached(
  ...[results, task, arm, evaluations, level, by]: [
    Results,
    string,
    string,
    number,
    number,
    'steps' | 'seconds',
  ]
): Map<number, Reached> {
  const all = curves(results, task, arm, evaluations, METRICS.success, by)
  return new Map([...all].map(([seed, curve]) => [seed, reach(curve, level)]))
}

/** `1,240 (5/5)`, `≤ 750 (5/5)` where that was past when first seen, or `never by 2,400 (0/5)`. */
export function reachText(all: ReadonlyMap<number, Reached>): string {
  if (all.size === 0) return ''
  const { runs, reached: count, median, early, neverBy } = summarizeReach([...all.values()])
  const counted = `(${count}/${runs})`
  if (median !== null) return `${early ? '≤ ' : ''}${countText(median)} ${counted}`
  return `never by ${countText(neverBy!)} ${counted}`
}

/** How an arm's times compare with vanilla's over the seeds that both have. */
export function soonerText(arm: ReadonlyMap<number, Reached>, vanilla: ReadonlyMap<number, Reached>): string {
  const seeds = [...arm.keys()].filter((seed) => vanilla.has(seed))
  if (seeds.length === 0) return ''
  const counted = compareReach(
    seeds.map((seed) => arm.get(seed)!),
    seeds.map((seed) => vanilla.get(seed)!),
  )
  const { sooner, later, undecided, p } = counted
  if (sooner + later === 0) return `${undecided} not told apart`
  const rest = undecided > 0 ? `, ${undecided} not told apart` : ''
  const test = seeds.length < ENOUGH_SEEDS ? `${seeds.length} of ${ENOUGH_SEEDS} seeds` : `p ${pText(p)}`
  return `${sooner} sooner, ${later} later${rest} (${test})`
}
