import type { Environment } from '../../../env/environment.ts'
import { METRICS } from '../../metric.ts'
import { type Block, heading, text } from '../document.ts'
import { type Section, TOLD } from '../section.ts'
import { curvesOver, learningCurves } from '../section-curves.ts'
import { histograms } from '../section-modes.ts'
import { pathsOf } from '../section-paths.ts'
import { differenceTable } from '../section-tables.ts'
import { verdicts } from '../verdicts.ts'

/** Paths in a panel: they are long and cross one another. */
const PATHS = 5

/** Push-T by the rewards that the field reports, and by the rarer way round. */
export function pushT(section: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const reward = METRICS['reward-max']
  return [
    heading(2, 'Push-T'),
    text(
      'The max reward is the largest covered share of the goal of an episode, 1 from 95 % on, as the field reports.',
    ),
    ...curvesOver(section, reward, 'push-t'),
    ...learningCurves(section, reward, 'push-t-learning'),
    ...verdicts(section, reward, TOLD),
    ...differenceTable(section, reward),
    heading(3, 'Success, final and mean reward, and the rarer way round'),
    text(
      'Of a T that starts half a turn off, the share of the rarest mode is that of the rarer way round among all episodes that turned it by an eighth of a turn or more, successes and failures; an even policy shows a little less than a half.',
    ),
    ...['success', 'reward-final', 'reward-mean', 'minority'].flatMap((name) =>
      differenceTable(section, METRICS[name], { key: false }),
    ),
    ...histograms(section, environments),
    ...pathsOf(section, environments, section.arms, PATHS),
  ]
}
