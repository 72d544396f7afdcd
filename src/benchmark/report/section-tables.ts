import { VANILLA } from '../arm.ts'
import { finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import type { Metric } from '../metric.ts'
import { type Block, table } from './document.ts'
import { CELL_KEY, cellText, figureText } from './format.ts'
import { asGoodAs, compareArms, equivalenceText } from './questions.ts'
import { calls, MOST, meanOf, type Section } from './section.ts'

/** Beside answers within a margin, since others are corrected. */
const UNCORRECTED =
  'These answers come from 95 % intervals one by one and, unlike the p-values of differences, are not corrected for there being many.'

/** Whether arms with few evaluations are as good as vanilla with the most. */
export function equivalenceTable(
  { results, tasks }: Section,
  arms: readonly string[],
  counts: readonly number[],
  metric: Metric,
  marginOf: (task: string) => number,
  folded?: string,
): Block[] {
  const against = { arm: VANILLA, evaluations: MOST }
  const rows = tasks.flatMap((task) =>
    arms.flatMap((arm) => {
      const cells = counts.map((evaluations) => {
        const found = asGoodAs(results, task, { arm, evaluations }, against, metric, marginOf(task))
        return found ? equivalenceText(found) : ''
      })
      return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
    }),
  )
  return table(['task', 'arm', ...counts.map(calls)], rows, folded, UNCORRECTED)
}

interface TableOptions {
  /** Behind a line to click on. */
  readonly folded?: string
  /** Whether the marks are explained below it. */
  readonly key?: boolean
}

/** Every arm's mean figure on every task, with its difference to what it is compared with. */
export function differenceTable(
  { results, tasks, arms }: Section,
  metric: Metric,
  { folded, key = true }: TableOptions = {},
): Block[] {
  const byEvaluations = EVALUATIONS.map((evaluations) =>
    compareArms(results, tasks, arms, evaluations, metric),
  )
  const rows = tasks.flatMap((task) =>
    arms.flatMap((arm) => {
      const seeds = results.jobs.filter((job) => job.task === task && job.arm === arm).length
      if (seeds === 0) return []
      const cells = EVALUATIONS.map((evaluations, i) => {
        const judged = byEvaluations[i].find((one) => one.task === task && one.side.arm === arm)
        if (judged) return cellText(judged)
        const figures = finalFigures(results, task, { arm, evaluations }, metric)
        return figures.size > 0 ? figureText(meanOf([...figures.values()])) : ''
      })
      return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, `${seeds}`, ...cells]] : []
    }),
  )
  const head = ['task', 'arm', 'seeds', ...EVALUATIONS.map((count) => `${metric.label}\n${calls(count)}`)]
  return table(head, rows, folded, key ? CELL_KEY : undefined)
}
