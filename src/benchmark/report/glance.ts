import { VANILLA } from '../arm.ts'
import { EVALUATIONS } from '../job.ts'
import { METRICS, type Metric } from '../metric.ts'
import { against, suffices, summed } from './answers.ts'
import { type Block, heading, list, text } from './document.ts'
import { matchedTo } from './matched.ts'
import { MARGIN } from './questions.ts'
import { calls, capitalised, FEWEST, groupBy, MOST, meanFigure, type Section } from './section.ts'
import { SOONER, sooner } from './sooner.ts'

/** A hundredth of vanilla's energy distance at one evaluation counts as equally good. */
const ENERGY_MARGIN = 0.01
const TWO = EVALUATIONS[1]
/** Couplings that look at the observation. */
const AWARE = [
  'local',
  'local-16',
  'local-256',
  'detrended',
  'balanced',
  'residual',
  'residual-local',
  'residual-balanced',
  'penalised',
]

/** How much farther from the expert counts as equally near. */
export function energyMargin({ results }: Section, task: string): number {
  return ENERGY_MARGIN * meanFigure(results, task, VANILLA, FEWEST, METRICS['energy-distance'])
}

/** The questions that the benchmark is for, each answered in a few sentences. */
export function atAGlance(sections: Readonly<Record<string, Section>>, metric: Metric): Block[] {
  const { 'few-step': few, 'closed-loop': closed, modes, 'push-t': pushT, images } = sections
  const energy = METRICS['energy-distance']
  const reward = METRICS['reward-max']
  return [
    heading(2, 'In short'),
    ...question(
      `Are whole paths as good in ${TWO} evaluations as vanilla’s in ${MOST}?`,
      suffices(
        few,
        few.arms.filter((arm) => arm !== VANILLA),
        TWO,
        energy,
        (task) => energyMargin(few, task),
      ),
    ),
    ...[FEWEST, TWO].flatMap((evaluations) =>
      question(
        `Is a policy with ${calls(evaluations)} as good as a vanilla one with ${MOST}, within ${MARGIN}?`,
        suffices(closed, AWARE, evaluations, metric, () => MARGIN),
      ),
    ),
    ...[FEWEST, MOST].flatMap((evaluations) =>
      question(
        `Are policies better than vanilla, both with ${calls(evaluations)}?`,
        against(closed, AWARE, evaluations, metric),
      ),
    ),
    ...question(
      `Do couplings that ignore the observation harm policies, with ${calls(MOST)}?`,
      against(closed, ['assignment', 'nearest', 'sinkhorn'], MOST, metric),
    ),
    ...question(SOONER, sooner(closed, AWARE)),
    ...question(`Are modes more even at matched success, with ${calls(MOST)}?`, balance(modes)),
    ...question(
      `What helps epsilon prediction, with ${calls(MOST)}?`,
      against(closed, ['epsilon-min-snr', 'epsilon-local'], MOST, metric),
    ),
    ...question(
      `Push-T with ${calls(FEWEST)} and with ${MOST}, by ${reward.label}?`,
      [FEWEST, MOST].flatMap((evaluations) =>
        against(pushT, pushT.arms, evaluations, reward, ` (${calls(evaluations)})`),
      ),
    ),
    ...question(
      `Are images nearer to the real ones, with ${calls(MOST)}?`,
      against(images, ['assignment', 'nearest', 'grouped'], MOST, METRICS.frechet),
    ),
  ]
}

function question(asked: string, answers: readonly string[]): Block[] {
  return answers.length > 0
    ? [text(`**${asked}**`), ...list(answers.map((answer) => `${capitalised(answer)}.`))]
    : []
}

/** How evenly arms show the modes where they are as successful as vanilla. */
function balance(section: Section): string[] {
  const arms = [...AWARE, 'assignment']
  const all = matchedTo(section, METRICS['total-variation'])
  const without = all.flatMap(({ matched: { task, arm, seeds }, judged }) => {
    const count = seeds - (judged?.seeds ?? 0)
    return count > 0 && arms.includes(arm) ? [{ arm, shown: `\`${task}\` ${count} of ${seeds} seeds` }] : []
  })
  const named = [...groupBy(without, ({ arm }) => arm)].map(
    ([arm, own]) => `**${arm}** (${own.map(({ shown }) => shown).join('; ')})`,
  )
  return [
    ...summed(
      arms,
      all.flatMap(({ judged }) => judged ?? []),
    ),
    ...(named.length > 0 ? [`never equally successful, so not counted: ${named.join(', ')}`] : []),
  ]
}
