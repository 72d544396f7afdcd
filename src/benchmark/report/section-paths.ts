import type { Environment } from '../../env/environment.ts'
import { pathsFigure } from './charts/paths.ts'
import { type Block, figure, heading } from './document.ts'
import { calls, environmentOf, type Section, slug } from './section.ts'

/**
 * Where policies of some arms go, a figure for each task.
 *
 * @param most paths in a panel, where all that were kept would hide one another
 */
export function pathsOf(
  { results, tasks, arms }: Section,
  environments: ReadonlyMap<string, Environment>,
  shown: readonly string[],
  most?: number,
): Block[] {
  const figures = tasks.flatMap((task) => {
    const jobs = results.jobs.filter((job) => job.task === task && job.paths)
    const environment = environments.get((jobs[0] && environmentOf(jobs[0])) ?? '')
    if (!environment) return []
    const panels = arms
      .filter((arm) => shown.includes(arm))
      .flatMap((arm) => {
        const paths = jobs.find((job) => job.arm === arm)?.paths ?? {}
        return Object.entries(paths).map(([evaluations, some]) => ({
          title: `${arm}, ${calls(Number(evaluations))}`,
          paths: some.slice(0, most),
        }))
      })
    return figure(
      `paths-${slug(task)}`,
      pathsFigure(panels, environment),
      `\`${task}\`, seed 0: paths of the first ${most ?? ''}${most ? ' ' : ''}test episodes, ${described(environment)}.`,
    )
  })
  return figures.length > 0 ? [heading(3, 'Where they go'), ...figures] : []
}

/** What the styles of the paths say. */
function described({ dynamics: { modes } }: Environment): string {
  if (!modes) return 'failures dotted'
  const { names, counted } = modes
  const numbered =
    names.length > 4
      ? ` (numbered as in the histogram: 1 is ${names[0]}, 2 is ${names[1]}, ${names.length} is ${names.at(-1)}; from ${Math.ceil(names.length / 2) + 1} on dashed)`
      : ''
  return `by mode${numbered}, ${counted === 'all' ? 'whether they succeed or not; dotted those that show none' : 'failures dotted'}`
}
