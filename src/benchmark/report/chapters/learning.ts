import { ARMS, VANILLA } from '../../arm.ts'
import type { Metric } from '../../metric.ts'
import { type Block, table, text } from '../document.ts'
import { reached, reachText, soonerText } from '../questions.ts'
import { calls, type Section, TOLD } from '../section.ts'
import { learningCurves } from '../section-curves.ts'

/** Levels of success that runs are timed to. */
const LEVELS = [0.5, 0.8]

/** How soon policies come to a level of success. */
export function learning(section: Section, metric: Metric): Block[] {
  const { results, tasks, arms } = section
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
    ...learningCurves(section, metric, 'learning'),
    text(
      'Below, steps or seconds of training to a level of success are medians over seeds, and in brackets stands how many reached it. Seeds that never did count as later than all that did; ≤ stands where seeds were past the level when first evaluated, so that it may have been sooner. Seed by seed, p is that of a sign test, not corrected.',
    ),
    ...table(head, rowsBy('steps'), 'Training steps to a level of success'),
    ...table(head, rowsBy('seconds'), 'The same in seconds of training on one thread'),
    ...table(head, sooner, 'Seed by seed against vanilla'),
  ]
}
