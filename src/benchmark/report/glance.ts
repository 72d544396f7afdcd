import { compareReach } from '../../evaluate/threshold.ts'
import { ARMS, VANILLA } from '../arm.ts'
import { compareOverTasks, ENOUGH_SEEDS, FINDINGS, finding, type Judged, judge } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import { METRICS, type Metric } from '../metric.ts'
import { type Block, heading, list, text } from './document.ts'
import { differenceText, findingText, pText } from './format.ts'
import {
  ANSWERS,
  asGoodAs,
  byFinding,
  compareArms,
  compareArmsOverTasks,
  compareMatched,
  type Equivalence,
  equivalenceOf,
  equivalenceText,
  MARGIN,
  reached,
  verdict,
} from './questions.ts'
import { calls, FEWEST, MOST, meanFigure, meanOf, type Section } from './section.ts'

/** A hundredth of vanilla's energy distance at one evaluation counts as equally good. */
const ENERGY_MARGIN = 0.01
/** The level of success that learning is timed to in the summary. */
const LEVEL = 0.5
const TWO = EVALUATIONS[1]
/** Couplings that look at the observation and gain the most at few evaluations. */
const AWARE = ['local', 'local-256', 'residual']

/** How much farther from the expert counts as equally near. */
export function energyMargin({ results }: Section, task: string): number {
  return ENERGY_MARGIN * meanFigure(results, task, VANILLA, FEWEST, METRICS['energy-distance'])
}

/** The questions that the benchmark is for, each answered in a sentence. */
export function atAGlance(sections: Readonly<Record<string, Section>>, metric: Metric): Block[] {
  const { 'few-step': few, 'closed-loop': closed, modes, 'push-t': pushT, images } = sections
  const energy = METRICS['energy-distance']
  const reward = METRICS['reward-max']
  return [
    heading(2, 'In short'),
    ...[
      ...question(`Are whole paths as good in ${TWO} evaluations as vanilla’s in ${MOST}?`, [
        ...['assignment', 'local'].flatMap((arm) =>
          suffices(few, arm, TWO, energy, (task) => energyMargin(few, task)),
        ),
      ]),
      ...[FEWEST, TWO].flatMap((evaluations) =>
        question(
          `Is a policy with ${calls(evaluations)} as good as a vanilla one with ${MOST}, within ${MARGIN}?`,
          AWARE.flatMap((arm) => suffices(closed, arm, evaluations, metric, () => MARGIN)),
        ),
      ),
      ...[FEWEST, MOST].flatMap((evaluations) =>
        question(
          `Are policies better than vanilla, both with ${calls(evaluations)}?`,
          [...AWARE, 'penalised'].flatMap((arm) => against(closed, arm, evaluations, metric)),
        ),
      ),
      ...question(
        `Do couplings that ignore the observation harm policies, with ${calls(MOST)}?`,
        ['assignment', 'nearest', 'sinkhorn'].flatMap((arm) => against(closed, arm, MOST, metric)),
      ),
      ...question('Do they learn sooner?', sooner(closed)),
      ...question(
        `Are modes more even at matched success, with ${calls(MOST)}?`,
        ['local', 'assignment'].flatMap((arm) => balance(modes, arm)),
      ),
      ...question(
        `What helps epsilon prediction, with ${calls(MOST)}?`,
        ['epsilon-min-snr', 'epsilon-local'].flatMap((arm) => against(closed, arm, MOST, metric)),
      ),
      ...question(
        `Push-T with ${calls(FEWEST)} and with ${MOST}, by ${reward.label}?`,
        [FEWEST, MOST].flatMap((evaluations) =>
          against(pushT, 'local', evaluations, reward, ` (${calls(evaluations)})`),
        ),
      ),
      ...question(
        `Are images nearer to the real ones, with ${calls(MOST)}?`,
        ['assignment', 'nearest', 'grouped'].flatMap((arm) => against(images, arm, MOST, METRICS.frechet)),
      ),
    ],
  ]
}

function question(asked: string, answers: readonly string[]): Block[] {
  return answers.length > 0 ? [text(`**${asked}**`), ...list(answers.map((answer) => `${answer}.`))] : []
}

/** Whether an arm with few evaluations is as good as vanilla with the most, over all tasks and task by task. */
function suffices(
  { results, tasks }: Section,
  arm: string,
  evaluations: number,
  metric: Metric,
  margin: (task: string) => number,
): string[] {
  const [side, vanilla] = [
    { arm, evaluations },
    { arm: VANILLA, evaluations: MOST },
  ]
  const found = tasks.flatMap((task) => asGoodAs(results, task, side, vanilla, metric, margin(task)) ?? [])
  if (found.length === 0) return []
  const shown = (one: Equivalence) => equivalenceText(one).replaceAll('\n', ', ')
  const subject = `With **${arm}**`
  if (found.length === 1) return [`${subject}: ${shown(found[0])} (\`${found[0].comparison.task}\`)`]
  const over = compareOverTasks(results, tasks, side, vanilla, metric)
  const lead = over
    ? `${shown(equivalenceOf(over, meanOf(found.map((one) => one.margin))))} on average over ${over.task}; task by task `
    : ''
  const each = found.map(({ answer, comparison: { task } }) => ({ task, finding: answer }))
  return [`${subject}: ${lead}${byFinding(ANSWERS, each)}`]
}

/** An arm against the one it is compared with, over the tasks of a section. */
function against(
  { results, tasks, arms }: Section,
  arm: string,
  evaluations: number,
  metric: Metric,
  remark = '',
): string[] {
  const of = ({ side }: Judged) => side.arm === arm
  const other = ARMS[arm].against
  return summed(
    `**${arm}**${other === VANILLA ? '' : ` against ${other}`}${remark}`,
    compareArms(results, tasks, arms, evaluations, metric).filter(of),
    compareArmsOverTasks(results, tasks, arms, evaluations, metric).find(of),
  )
}

/** @param over all tasks with enough seeds at once; absent where there are not two */
function summed(subject: string, own: readonly Judged[], over?: Judged): string[] {
  if (own.length === 0) return []
  if (over) {
    const each = own.map((one) => ({ task: one.task, finding: finding(one) }))
    return [
      `${subject}: ${findingText(over, ` on average over ${over.task}`)}; task by task ${byFinding(FINDINGS, each)}`,
    ]
  }
  const said = verdict(subject, own)
  if (said) return [said.replace(/\.$/, '')]
  const seen = own.map(({ task, seeds, difference }) =>
    [`\`${task}\``, `${seeds} of ${ENOUGH_SEEDS}`, difference ? differenceText(difference.t) : '']
      .join(' ')
      .trim(),
  )
  return [`${subject}: not enough seeds (${seen.join('; ')})`]
}

/** How often local assignment came to a level of success sooner than vanilla, over all pairs of runs. */
function sooner({ results, tasks }: Section): string[] {
  const pairs = tasks.flatMap((task) => {
    const [arm, vanilla] = ['local', VANILLA].map((name) =>
      reached(results, task, name, FEWEST, LEVEL, 'steps'),
    )
    return [...arm].flatMap(([seed, one]) => {
      const other = vanilla.get(seed)
      return other ? [[one, other] as const] : []
    })
  })
  if (pairs.length === 0) return []
  const counted = compareReach(
    pairs.map(([one]) => one),
    pairs.map(([, other]) => other),
  )
  const { sooner: before, later, undecided, p } = counted
  return [
    `To ${100 * LEVEL} % of success with ${calls(FEWEST)}, **local** took fewer steps than vanilla in ${before} of ${pairs.length} pairs of runs, more in ${later}, and ${undecided} were not told apart (sign test p ${pText(p)})`,
  ]
}

function balance({ results, tasks, arms }: Section, arm: string): string[] {
  const coupled = arms.filter((name) => ARMS[name].against === VANILLA)
  const judged = judge(
    tasks.flatMap((task) =>
      coupled.flatMap(
        (name) => compareMatched(results, task, name, MOST, METRICS['total-variation'])?.comparison ?? [],
      ),
    ),
  )
  return summed(
    `**${arm}**`,
    judged.filter(({ side }) => side.arm === arm),
  )
}
