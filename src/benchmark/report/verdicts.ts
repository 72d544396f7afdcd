import { ARMS, VANILLA } from '../arm.ts'
import { finding } from '../comparison.ts'
import type { Metric } from '../metric.ts'
import { type Block, list } from './document.ts'
import { compareArms, verdict } from './questions.ts'
import { calls, type Section } from './section.ts'

/** One sentence for each arm and some numbers of evaluations; arms with too few seeds share one. */
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
    return own.length > 0 && own.every((one) => finding(one) === 'not enough seeds')
  })
  return list(
    [
      ...sentences,
      ...(few.length > 0
        ? [`${few.map((arm) => `**${arm}**`).join(', ')}: not enough seeds for a verdict on any task.`]
        : []),
    ],
    folded,
  )
}
