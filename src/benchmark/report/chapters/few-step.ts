import type { Environment } from '../../../env/environment.ts'
import { ARMS, VANILLA } from '../../arm.ts'
import { EVALUATIONS } from '../../job.ts'
import { METRICS } from '../../metric.ts'
import { type Block, heading, text } from '../document.ts'
import { energyMargin } from '../glance.ts'
import { FEWEST, MOST, type Section } from '../section.ts'
import { curvesOver, learningCurves } from '../section-curves.ts'
import { histograms } from '../section-modes.ts'
import { pathsOf } from '../section-paths.ts'
import { differenceTable, equivalenceTable } from '../section-tables.ts'
import { verdicts } from '../verdicts.ts'

/** Whole paths from one constant observation, compared with the expert's as distributions. */
export function fewStep(section: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const { arms } = section
  const energy = METRICS['energy-distance']
  const coupled = arms.filter((arm) => ARMS[arm].against === VANILLA)
  const margin = (task: string) => energyMargin(section, task)
  return [
    heading(2, 'Few evaluations from one constant observation'),
    text(
      'Whole paths are planned at once, so plans are compared with new demonstrations as distributions: energy distance, 0 for equal ones. With one observation there is nothing for the noise to betray, and couplings that ignore it are harmless.',
    ),
    heading(3, `Does it sample in ${EVALUATIONS[1]} evaluations as well as vanilla in ${MOST}?`),
    text(
      `As well means: farther from the expert by no more than a hundredth of vanilla’s energy distance at one evaluation.`,
    ),
    ...curvesOver(section, energy, 'energy-distance'),
    ...equivalenceTable(section, coupled, [FEWEST, EVALUATIONS[1]], energy, margin),
    heading(3, 'Does it learn sooner?'),
    ...learningCurves(section, energy, 'energy-distance-learning'),
    heading(3, 'Differences at the same number of evaluations'),
    ...verdicts(section, energy, EVALUATIONS, 'The findings in words, arm by arm'),
    ...differenceTable(section, energy),
    heading(3, 'Success of the sampled paths'),
    ...differenceTable(section, METRICS.success, { key: false }),
    ...pathsOf(section, environments, [VANILLA, 'local', 'assignment', 'nearest']),
    ...histograms(section, environments),
  ]
}
