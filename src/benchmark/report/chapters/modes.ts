import type { Environment } from '../../../env/environment.ts'
import { ARMS, VANILLA } from '../../arm.ts'
import { ENOUGH_SEEDS, finding, judge } from '../../comparison.ts'
import { METRICS } from '../../metric.ts'
import { modesFigure } from '../charts/modes.ts'
import { type Block, figure, heading, table, text } from '../document.ts'
import { countText, differenceText, figureText } from '../format.ts'
import { compareMatched } from '../questions.ts'
import { calls, environmentOf, lastPlans, MOST, type Section, slug } from '../section.ts'

/** How evenly policies show the modes, at matched success. */
export function modes(section: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const { results, arms } = section
  const variation = METRICS['total-variation']
  const coupled = arms.filter((arm) => ARMS[arm].against === VANILLA)
  const judged = judge(
    section.tasks.flatMap((task) =>
      coupled.flatMap((arm) => compareMatched(results, task, arm, MOST, variation)?.comparison ?? []),
    ),
  )
  if (judged.length === 0) return []
  const rows = judged.map((one) => {
    const matched = compareMatched(results, one.task, one.side.arm, MOST, variation)!
    return [
      `\`${one.task}\``,
      one.side.arm,
      figureText(matched.level),
      figureText(one.reference),
      figureText(one.value),
      one.difference ? differenceText(one.difference.t) : '',
      finding(one) === 'not enough seeds'
        ? `not enough seeds (${one.seeds} of ${ENOUGH_SEEDS})`
        : finding(one),
    ]
  })
  return [
    heading(2, 'Balance of modes'),
    text(
      'Total variation of the modes’ shares from uniform, less what a perfectly even policy shows in as many successes (its floor), compared where two arms were equally successful for the first time in training; 0 is perfectly even. Failing more often is no variety.',
    ),
    ...table(['task', 'arm', 'at success', VANILLA, 'arm', 'difference', 'finding'], rows),
    ...histograms(section, environments),
  ]
}

function histograms(
  { results, tasks, arms }: Section,
  environments: ReadonlyMap<string, Environment>,
): Block[] {
  return tasks.flatMap((task) => {
    const name = environmentOf(results.jobs.find((job) => job.task === task)!)
    const names = environments.get(name ?? '')?.dynamics.modes?.names
    if (!names) return []
    const panels = arms.flatMap((arm) => {
      const last = lastPlans(results, task, arm, MOST)
      const counts = names.map((_, mode) =>
        last.reduce((sum, { modes: shown }) => sum + (shown?.[mode] ?? 0), 0),
      )
      const total = counts.reduce((sum, count) => sum + count, 0)
      if (total === 0) return []
      return [
        {
          title: `${arm}, n = ${countText(total)}`,
          arm,
          shares: counts.map((count) => count / total),
        },
      ]
    })
    return figure(
      `modes-${slug(task)}`,
      modesFigure(panels, names),
      `\`${task}\`: share of each mode among the n successes of all seeds, ${calls(MOST)}. The dashed line is an even policy.`,
    )
  })
}
