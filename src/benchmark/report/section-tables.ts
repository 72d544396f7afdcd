import { VANILLA } from '../arm.ts'
import { finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import type { Metric } from '../metric.ts'
import { type Block, table, text } from './document.ts'
import { CELL_KEY, cellText, figureText } from './format.ts'
import { asGoodAs, compareArms, equivalenceText } from './questions.ts'
import { calls, MOST, meanOf, type Section } from './section.ts'

/** Whether arms with few evaluations are as good as vanilla with the most. */
export function equivalenceTable(
  { results, tasks }: Section,
  arms: readonly string[],
  counts: readonly number[],
  metric: Metric,
  marginOf: (task: string) => number,
): Block[] {
  const against = { arm: VANILLA, evaluations: MOST }
  const rows = arms.flatMap((arm) =>
    counts.flatMap((evaluations) => {
      const cells = tasks.map((task) => {
        const found = asGoodAs(results, task, { arm, evaluations }, against, metric, marginOf(task))
        return found ? equivalenceText(found) : ''
      })
      return cells.some((cell) => cell !== '') ? [[arm, calls(evaluations), ...cells]] : []
    }),
  )
  return table(['arm', '', ...tasks.map((task) => `\`${task}\``)], rows)
}

/** Every arm's mean figure on every task, with its difference to what it is compared with. */
export function differenceTable({ results, tasks, arms }: Section, metric: Metric): Block[] {
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
  return rows.length > 0 ? [...table(head, rows), text(CELL_KEY)] : []
}
