import { type MatchedCurve, type MatchedPair, matchPair } from '../../evaluate/matched.ts'
import { ARMS, VANILLA } from '../arm.ts'
import {
  type Comparison,
  claimed,
  compareFigures,
  ENOUGH_SEEDS,
  finding,
  type Judged,
  judge,
} from '../comparison.ts'
import { METRICS, type Metric } from '../metric.ts'
import type { Results } from '../results.ts'
import { neededText } from './format.ts'
import { curves } from './questions.ts'
import { MOST, meanOf, type Section } from './section.ts'

/** An arm and vanilla, seed by seed where the two runs were equally successful for the first time. */
export interface Matched {
  readonly task: string
  readonly arm: string
  /** Seeds that both have. */
  readonly seeds: number
  /** Mean success that pairs were matched at; null if no pair ever was equally successful. */
  readonly level: number | null
  /** Over the seeds that were matched; undefined without any. */
  readonly comparison?: Comparison
}

/** @returns undefined if no seed has both with that figure */
export function compareMatched(
  results: Results,
  task: string,
  arm: string,
  evaluations: number,
  metric: Metric,
): Matched | undefined {
  const a = matchedCurves(results, task, arm, evaluations, metric)
  const b = matchedCurves(results, task, VANILLA, evaluations, metric)
  const seeds = [...a.keys()].filter((seed) => b.has(seed))
  if (seeds.length === 0) return undefined
  const pairs = seeds.flatMap((seed) => {
    const pair = matchPair(a.get(seed)!, b.get(seed)!)
    return pair ? [[seed, pair] as const] : []
  })
  const of = (side: 'a' | 'b') =>
    new Map(pairs.map(([seed, pair]: readonly [number, MatchedPair]) => [seed, pair[side]]))
  return {
    task,
    arm,
    seeds: seeds.length,
    level: pairs.length > 0 ? meanOf(pairs.map(([, { level }]) => level)) : null,
    comparison: compareFigures(
      task,
      { arm, evaluations },
      { arm: VANILLA, evaluations },
      metric,
      of('a'),
      of('b'),
    ),
  }
}

/** Every arm beside vanilla where they were equally successful, corrected over all of them. */
export function matchedTo(
  { results, tasks, arms }: Section,
  metric: Metric,
): { readonly matched: Matched; readonly judged?: Judged }[] {
  const coupled = arms.filter((arm) => ARMS[arm].against === VANILLA)
  const all = tasks.flatMap((task) =>
    coupled.flatMap((arm) => compareMatched(results, task, arm, MOST, metric) ?? []),
  )
  const judged = judge(all.flatMap(({ comparison }) => comparison ?? []))
  return all.map((matched) => ({
    matched,
    judged: judged.find(({ task, side }) => task === matched.task && side.arm === matched.arm),
  }))
}

/** What was found, or why nothing could be; below it what that would take. */
export function matchedText({ seeds }: Matched, judged: Judged | undefined): string {
  if (!judged) return 'never equally successful'
  const few = judged.seeds < ENOUGH_SEEDS && judged.seeds < seeds
  const found = few ? 'not enough matched seeds' : finding(judged)
  return [claimed(judged) ? `**${found}**` : found, ...neededText(judged)].join('\n')
}

function matchedCurves(
  ...[results, task, arm, evaluations, metric]: [Results, string, string, number, Metric]
): Map<number, MatchedCurve> {
  const figures = curves(results, task, arm, evaluations, metric)
  const successes = curves(results, task, arm, evaluations, METRICS.success)
  return new Map(
    [...figures].map(([seed, figure]) => {
      // Without any success there are no modes to speak of at that step.
      const steps = new Set(figure.map(({ at }) => at))
      return [seed, { figure, success: successes.get(seed)!.filter(({ at }) => steps.has(at)) }]
    }),
  )
}
