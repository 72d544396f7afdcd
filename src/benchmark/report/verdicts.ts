import { ARMS, VANILLA } from '../arm.ts'
import type { Metric } from '../metric.ts'
import { type Block, list } from './document.ts'
import { compareArms, verdict } from './questions.ts'
import { calls, capitalised, type Section } from './section.ts'
import { intervalTable } from './section-intervals.ts'

/** One sentence for each arm and some numbers of evaluations, arms with a single seed in one; and both intervals. */
export function verdicts(
  { results, tasks, arms }: Section,
  metric: Metric,
  counts: readonly number[],
  folded?: string,
): Block[] {
  const byEvaluations = counts.map((evaluations) => compareArms(results, tasks, arms, evaluations, metric))
  const sentences = arms.flatMap((arm) =>
    counts.flatMap((evaluations, i) => {
      const own = byEvaluations[i].filter(({ side }) => side.arm === arm)
      const against = ARMS[arm].against === VANILLA ? '' : ` against ${ARMS[arm].against}`
      return verdict(`**${arm}**${against}, ${calls(evaluations)}`, own) ?? []
    }),
  )
  const few = arms.filter((arm) => {
    const own = byEvaluations.flat().filter(({ side }) => side.arm === arm)
    return own.length > 0 && own.every(({ difference }) => difference === null)
  })
  const single =
    few.length > 0
      ? [`${few.map((arm) => `**${arm}**`).join(', ')}: not enough seeds for a verdict on any task.`]
      : []
  return [
    ...list([...sentences, ...single], folded),
    ...intervalTable(
      byEvaluations.flat(),
      `${capitalised(metric.label)}: both intervals of every difference, and the seeds that would tell it from none`,
    ),
  ]
}
