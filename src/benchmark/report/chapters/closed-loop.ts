import type { Environment } from '../../../env/environment.ts'
import { ARMS, VANILLA } from '../../arm.ts'
import { finding, type Judged } from '../../comparison.ts'
import { EVALUATIONS } from '../../job.ts'
import type { Metric } from '../../metric.ts'
import { differencesFigure, type Row } from '../charts/differences.ts'
import { type Block, figure, heading, text } from '../document.ts'
import { asGoodAs, compareArms, MARGIN } from '../questions.ts'
import { calls, FEWEST, MOST, type Section, TOLD } from '../section.ts'
import { curvesOver } from '../section-curves.ts'
import { pathsOf } from '../section-paths.ts'
import { differenceTable, equivalenceTable } from '../section-tables.ts'
import { verdicts } from '../verdicts.ts'
import { learning } from './learning.ts'

/** Few evaluations, to be compared with vanilla's most. */
const FEW = [FEWEST, EVALUATIONS[1]]

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
    ...equivalence(section, headline, metric),
    ...equivalenceTable(section, headline, FEW, metric, () => MARGIN, 'The answers, with their figures'),
    ...curvesOver(section, metric, 'closed-loop'),
    heading(3, 'Is it better than vanilla at the same number of evaluations?'),
    ...differences(section, metric),
    ...verdicts(section, metric, TOLD, 'The findings in words, arm by arm'),
    ...differenceTable(section, metric, { folded: 'All figures at every number of evaluations' }),
    heading(3, 'Does it learn sooner?'),
    ...learning(section, metric),
    ...pathsOf(section, environments, [VANILLA, 'local', 'assignment']),
  ]
}

/** How far arms with few evaluations lie from vanilla with the most. */
function equivalence({ results, tasks }: Section, arms: readonly string[], metric: Metric): Block[] {
  const against = { arm: VANILLA, evaluations: MOST }
  const panels = tasks.flatMap((task) =>
    FEW.flatMap((evaluations) => {
      const rows = arms.flatMap((arm) => {
        const found = asGoodAs(results, task, { arm, evaluations }, against, metric, MARGIN)
        if (!found?.comparison.difference) return []
        return [
          {
            label: arm,
            arm,
            difference: found.comparison.difference.t,
            filled: found.answer.startsWith('yes'),
          },
        ]
      })
      return rows.length > 0 ? [{ title: `${task}, ${calls(evaluations)}`, rows }] : []
    }),
  )
  const below = metric.better === 'higher' ? -MARGIN : MARGIN
  return figure(
    'equivalence',
    differencesFigure(panels, `${metric.label}, arm − vanilla with ${MOST}`, below),
    `Paired differences to vanilla with ${calls(MOST)}, with 95 % t intervals (cut at the panel’s edge), which are not corrected for being many. The dashed line is the margin: filled where the whole interval is on its good side and there are enough seeds, so that the arm is as good.`,
  )
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
    filled: found === 'better' || found === 'worse',
  }
}
