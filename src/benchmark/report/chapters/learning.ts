import { ARMS, VANILLA } from '../../arm.ts'
import type { Metric } from '../../metric.ts'
import { curvesFigure } from '../charts/curves.ts'
import { type Block, figure, table, text } from '../document.ts'
import { reached, reachText, soonerText } from '../questions.ts'
import { calls, capitalised, type Section, TOLD } from '../section.ts'
import { drawnArms, learningCurve } from '../section-curves.ts'

/** Levels of success that runs are timed to. */
const LEVELS = [0.5, 0.8]

/** How soon policies come to a level of success. */
export function learning({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const panels = tasks.flatMap((task) =>
    TOLD.map((evaluations) => ({
      title: `${task}, ${calls(evaluations)}`,
      curves: drawnArms(arms).flatMap((arm) => learningCurve(results, task, arm, evaluations, metric)),
    })),
  )
  const head = [
    'task',
    'arm',
    ...LEVELS.flatMap((level) => TOLD.map((count) => `${100 * level} %, ${calls(count)}`)),
  ]
  const rowsBy = (by: 'steps' | 'seconds') =>
    tasks.flatMap((task) =>
      arms.flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          TOLD.map((evaluations) => reachText(reached(results, task, arm, evaluations, level, by))),
        )
        return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
      }),
    )
  const sooner = tasks.flatMap((task) =>
    arms
      .filter((arm) => ARMS[arm].against === VANILLA)
      .flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          TOLD.map((evaluations) =>
            soonerText(
              reached(results, task, arm, evaluations, level, 'steps'),
              reached(results, task, VANILLA, evaluations, level, 'steps'),
            ),
          ),
        )
        return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
      }),
  )
  return [
    ...figure(
      'learning',
      curvesFigure(panels, {
        x: 'training steps',
        y: metric.label,
        yDomain: [0, 1],
        bands: true,
        paired: true,
      }),
      `${capitalised(metric.label)} on the way through training: means over seeds with bands of 95 % t intervals, from three seeds on.`,
    ),
    text(
      'Below, steps or seconds of training to a level of success are medians over seeds, and in brackets stands how many reached it. Seeds that never did count as later than all that did.',
    ),
    ...table(head, rowsBy('steps'), 'Training steps to a level of success'),
    ...table(head, rowsBy('seconds'), 'The same in seconds of training on one thread'),
    ...table(head, sooner, 'Seed by seed against vanilla'),
  ]
}
