import type { Environment } from '../../../env/environment.ts'
import { ARMS, VANILLA } from '../../arm.ts'
import { finding, type Judged } from '../../comparison.ts'
import { EVALUATIONS } from '../../job.ts'
import type { Metric } from '../../metric.ts'
import { differencesFigure, type Row } from '../charts/differences.ts'
import { pathsFigure } from '../charts/paths.ts'
import { type Block, figure, heading, text } from '../document.ts'
import { compareArms, MARGIN } from '../questions.ts'
import { calls, environmentOf, FEWEST, MOST, type Section, slug, TOLD } from '../section.ts'
import { curvesOver } from '../section-curves.ts'
import { differenceTable, equivalenceTable } from '../section-tables.ts'
import { verdicts } from '../verdicts.ts'
import { learning } from './learning.ts'

/** Policies by their success: with few evaluations, with as many, on the way through training, and where they go. */
export function closedLoop(
  section: Section,
  metric: Metric,
  environments: ReadonlyMap<string, Environment>,
): Block[] {
  const headline = section.arms.filter((arm) => ARMS[arm].against === VANILLA)
  return [
    heading(2, 'Policies in closed loop'),
    heading(3, `Is a policy with one evaluation a plan as good as vanilla with ${MOST}?`),
    text(`Measured by ${metric.label}; as good means less than ${MARGIN} below.`),
    ...equivalenceTable(section, headline, [FEWEST, EVALUATIONS[1]], metric, () => MARGIN),
    ...curvesOver(section, metric, 'closed-loop'),
    heading(3, 'Is it better than vanilla at the same number of evaluations?'),
    ...verdicts(section, metric, TOLD),
    ...differences(section, metric),
    ...differenceTable(section, metric),
    heading(3, 'Does it learn sooner?'),
    ...learning(section, metric),
    ...pathsOf(section, environments),
  ]
}

function differences({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const judged = TOLD.map((evaluations) => compareArms(results, tasks, arms, evaluations, metric))
  const panels = tasks.flatMap((task) =>
    TOLD.flatMap((evaluations, i) => {
      const own = judged[i].filter(
        (one) => one.task === task && one.difference && one.against.arm === VANILLA,
      )
      return own.length > 0 ? [{ title: `${task}, ${calls(evaluations)}`, rows: own.map(rowOf) }] : []
    }),
  )
  return figure(
    'differences',
    differencesFigure(panels, `${metric.label}, arm − vanilla`),
    'Paired differences to vanilla with 95 % t intervals (cut at the panel’s edge). Filled: significant after the correction, with enough seeds.',
  )
}

function rowOf(judged: Judged): Row {
  const found = finding(judged)
  return {
    label: judged.side.arm,
    arm: judged.side.arm,
    difference: judged.difference!.t,
    significant: found === 'better' || found === 'worse',
  }
}

function pathsOf({ results, tasks, arms }: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const shown = arms.filter((arm) => arm === VANILLA || arm === 'local' || arm === 'assignment')
  const figures = tasks.flatMap((task) => {
    const jobs = results.jobs.filter((job) => job.task === task && job.paths)
    const environment = environments.get((jobs[0] && environmentOf(jobs[0])) ?? '')
    if (!environment) return []
    const panels = shown.flatMap((arm) => {
      const paths = jobs.find((job) => job.arm === arm)?.paths ?? {}
      return Object.entries(paths).map(([evaluations, some]) => ({
        title: `${arm}, ${calls(Number(evaluations))}`,
        paths: some,
      }))
    })
    return figure(
      `paths-${slug(task)}`,
      pathsFigure(panels, environment),
      `\`${task}\`, seed 0: paths of the first test episodes, coloured by mode; failures grey and dashed.`,
    )
  })
  return figures.length > 0 ? [heading(3, 'Where they go'), ...figures] : []
}
