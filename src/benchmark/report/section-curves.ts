import type { Estimate } from '../../evaluate/interval.ts'
import { estimateOver, finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import type { Metric } from '../metric.ts'
import type { Results } from '../results.ts'
import { type Curve, curvesFigure, type Panel } from './charts/curves.ts'
import { type Block, figure } from './document.ts'
import { curves } from './questions.ts'
import { capitalised, type Section } from './section.ts'

/** Arms whose curves are drawn; more would hide one another, and the tables have all. */
const DRAWN = ['independent', 'local', 'residual', 'penalised', 'assignment', 'nearest', 'epsilon']

/** A figure after training against evaluations a plan. */
export function curvesOver({ results, tasks, arms }: Section, metric: Metric, name: string): Block[] {
  const panels: Panel[] = tasks.map((task) => ({
    title: task,
    curves: drawnArms(arms).flatMap((arm): Curve[] => {
      const points = EVALUATIONS.flatMap((evaluations) => {
        const values = [...finalFigures(results, task, { arm, evaluations }, metric).values()]
        return values.length > 0 ? [{ x: evaluations, y: shown(values) }] : []
      })
      return points.length > 0 ? [{ arm, points }] : []
    }),
  }))
  const share = metric.better === 'higher'
  const svg = curvesFigure(panels, {
    x: 'network evaluations a plan',
    y: metric.label,
    places: EVALUATIONS,
    ...(share ? { yDomain: [0, 1] } : { roots: true }),
  })
  return figure(
    name,
    svg,
    `${capitalised(metric.label)} after training against evaluations a plan: means over seeds with 95 % t intervals, from three seeds on${share ? '' : ' (lower is better; the axis is that of square roots)'}.`,
  )
}

/** A figure over training steps: means over seeds with intervals. */
export function learningCurve(
  ...[results, task, arm, evaluations, metric]: [Results, string, string, number, Metric]
): Curve[] {
  const bySeed = [...curves(results, task, arm, evaluations, metric).values()]
  const steps = [...new Set(bySeed.flatMap((curve) => curve.map(({ at }) => at)))].sort((a, b) => a - b)
  const points = steps.map((step) => ({
    x: step,
    y: shown(bySeed.flatMap((curve) => curve.filter(({ at }) => at === step).map(({ value }) => value))),
  }))
  return points.length > 0 ? [{ arm, points }] : []
}

/** Those of the arms whose curves are drawn. */
export function drawnArms(arms: readonly string[]): string[] {
  return arms.filter((arm) => DRAWN.includes(arm))
}

/** A mean with its interval, but for two seeds, whose interval would hide everything else. */
function shown(values: readonly number[]): Estimate {
  const estimate = estimateOver(values)
  return values.length < 3 ? { ...estimate, low: estimate.value, high: estimate.value } : estimate
}
