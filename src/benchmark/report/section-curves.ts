import type { Estimate } from '../../evaluate/interval.ts'
import { VANILLA } from '../arm.ts'
import { estimateOver, finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import type { Metric } from '../metric.ts'
import type { Results } from '../results.ts'
import { type ArmGroup, groupArms } from './arm-groups.ts'
import { type Curve, curvesFigure, type Panel, type PanelOptions } from './charts/curves.ts'
import { type Block, figure } from './document.ts'
import { curves } from './questions.ts'
import { calls, capitalised, type Section, TOLD } from './section.ts'

/** Seeds from which on a mean has an interval that is worth drawing. */
const DRAWN_SEEDS = 3

/** A figure after training against evaluations a plan. */
export function curvesOver(section: Section, metric: Metric, name: string): Block[] {
  const { results } = section
  return drawn(section, metric, name, {
    panels: (task) => [
      {
        title: task,
        curve: (arm) =>
          EVALUATIONS.flatMap((evaluations) => {
            const values = [...finalFigures(results, task, { arm, evaluations }, metric).values()]
            return values.length > 0 ? [{ x: evaluations, y: shown(values) }] : []
          }),
      },
    ],
    options: { x: 'network evaluations a plan', places: EVALUATIONS },
    caption: 'after training against evaluations a plan',
  })
}

/** A figure on the way through training, with the fewest evaluations and the most. */
export function learningCurves(section: Section, metric: Metric, name: string): Block[] {
  return drawn(section, metric, name, {
    panels: (task) =>
      TOLD.map((evaluations) => ({
        title: `${task}, ${calls(evaluations)}`,
        curve: (arm) => learningCurve(section.results, task, arm, evaluations, metric),
      })),
    options: { x: 'training steps', bands: true, paired: true },
    caption: 'on the way through training',
  })
}

interface Drawing {
  /** The panels of a task, with the curve of each arm in them. */
  readonly panels: (
    task: string,
  ) => readonly { readonly title: string; readonly curve: (arm: string) => Curve['points'] }[]
  readonly options: Omit<PanelOptions, 'y' | 'yDomain' | 'roots'>
  /** What the curves show the metric along. */
  readonly caption: string
}

/** A figure for each group of arms. */
function drawn(section: Section, metric: Metric, name: string, drawing: Drawing): Block[] {
  const share = metric.better === 'higher'
  return groupArms(section.arms).flatMap((group) => {
    const panels = panelsOf(section, group, drawing)
    const svg = curvesFigure(panels, {
      ...drawing.options,
      y: metric.label,
      ...(share ? { yDomain: [0, 1] } : { roots: true }),
    })
    const interval = drawing.options.bands ? 'bands of 95 % t intervals' : '95 % t intervals'
    const scale = share
      ? ''
      : ' Lower is better; the axis is that of square roots, and estimates below 0 are drawn at 0.'
    return figure(
      group.name ? `${name}-${group.name}` : name,
      svg,
      `${capitalised(metric.label)} ${drawing.caption}${group.title && `, ${group.title}`}: means over seeds with ${interval}. An arm is drawn on the tasks where it has ${DRAWN_SEEDS} seeds or more; one that has them on none, on all it has, without intervals.${scale}`,
    )
  })
}

function panelsOf(section: Section, { name, arms }: ArmGroup, { panels }: Drawing): Panel[] {
  return section.tasks.flatMap((task) => {
    const own = arms.filter((arm) => isDrawn(section, task, arm))
    // Vanilla alone is drawn with another group.
    if (name !== '' && own.every((arm) => arm === VANILLA)) return []
    return panels(task).flatMap(({ title, curve }) => {
      const made = own.map((arm) => ({ arm, points: curve(arm) })).filter(({ points }) => points.length > 0)
      return made.length > 0 ? [{ title, curves: made }] : []
    })
  })
}

/** Whether an arm has enough seeds on a task; one that has enough on none is drawn on all. */
function isDrawn({ results: { jobs }, tasks }: Section, task: string, arm: string): boolean {
  const enough = (on: string) =>
    jobs.filter((job) => job.task === on && job.arm === arm).length >= DRAWN_SEEDS
  return enough(task) || !tasks.some(enough)
}

/** Means over seeds with intervals, along training steps. */
function learningCurve(
  ...[results, task, arm, evaluations, metric]: [Results, string, string, number, Metric]
): Curve['points'] {
  const bySeed = [...curves(results, task, arm, evaluations, metric).values()]
  const steps = [...new Set(bySeed.flatMap((curve) => curve.map(({ at }) => at)))].sort((a, b) => a - b)
  return steps.map((step) => ({
    x: step,
    y: shown(bySeed.flatMap((curve) => curve.filter(({ at }) => at === step).map(({ value }) => value))),
  }))
}

/** A mean with its interval, but for two seeds, whose interval would hide everything else. */
function shown(values: readonly number[]): Estimate {
  const estimate = estimateOver(values)
  return values.length < DRAWN_SEEDS ? { ...estimate, low: estimate.value, high: estimate.value } : estimate
}
