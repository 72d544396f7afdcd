import type { Environment } from '../../env/environment.ts'
import { modesFigure } from './charts/modes.ts'
import { type Block, figure } from './document.ts'
import { countText } from './format.ts'
import { calls, environmentOf, lastPlans, MOST, type Section, slug } from './section.ts'

/** Shares of the modes after training, a figure for each task that has modes. */
export function histograms(
  { results, tasks, arms }: Section,
  environments: ReadonlyMap<string, Environment>,
): Block[] {
  return tasks.flatMap((task) => {
    const modes = modesOf(results, task, environments)
    if (!modes) return []
    const { names, counted } = modes
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
    const episodes = counted === 'all' ? 'counted episodes' : 'successes'
    return figure(
      `modes-${slug(task)}`,
      modesFigure(panels, names, counted === 'all' ? 'episodes' : 'successes'),
      `\`${task}\`: share of each mode among the n ${episodes} of all seeds, ${calls(MOST)}. The dashed line is an even policy.`,
    )
  })
}

/** The modes of a task's environment; undefined where it has none. */
export function modesOf(
  ...[{ jobs }, task, environments]: [Section['results'], string, ReadonlyMap<string, Environment>]
): Environment['dynamics']['modes'] {
  const job = jobs.find((one) => one.task === task)
  return environments.get((job && environmentOf(job)) ?? '')?.dynamics.modes
}
