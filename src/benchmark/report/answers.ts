import { ARMS, VANILLA } from '../arm.ts'
import { claimed, compareOverTasks, ENOUGH_SEEDS, FINDINGS, finding, type Judged } from '../comparison.ts'
import type { Metric } from '../metric.ts'
import { findingText, neededText, seenText } from './format.ts'
import {
  ANSWERS,
  asGoodAs,
  byFinding,
  compareArms,
  compareArmsOverTasks,
  type Equivalence,
  equivalenceOf,
  equivalenceText,
  verdict,
} from './questions.ts'
import { groupBy, MOST, meanOf, type Section } from './section.ts'

/** Whether arms with few evaluations are as good as vanilla with the most, over all tasks and task by task. */
export function suffices(
  section: Section,
  arms: readonly string[],
  evaluations: number,
  metric: Metric,
  margin: (task: string) => number,
): string[] {
  const answers = arms.flatMap((arm) => {
    const said = sufficesOne(section, arm, evaluations, metric, margin)
    return said === undefined ? [] : [{ arm, said }]
  })
  // Arms of which the same is known share a line.
  return [...groupBy(answers, ({ said }) => said)].map(
    ([said, own]) => `With ${own.map(({ arm }) => `**${arm}**`).join(', ')}: ${said}`,
  )
}

function sufficesOne(
  { results, tasks }: Section,
  arm: string,
  evaluations: number,
  metric: Metric,
  margin: (task: string) => number,
): string | undefined {
  const [side, vanilla] = [
    { arm, evaluations },
    { arm: VANILLA, evaluations: MOST },
  ]
  const found = tasks.flatMap((task) => asGoodAs(results, task, side, vanilla, metric, margin(task)) ?? [])
  if (found.length === 0) return undefined
  const shown = (one: Equivalence, where: string) => equivalenceText(one, where).replaceAll('\n', ', ')
  if (found.length === 1) return shown(found[0], ` on \`${found[0].comparison.task}\``)
  const over = compareOverTasks(results, tasks, side, vanilla, metric)
  const lead = over
    ? `${shown(equivalenceOf(over, meanOf(found.map((one) => one.margin))), ` on average over ${over.task}`)}; task by task `
    : ''
  const each = found.map(({ answer, comparison: { task } }) => ({ task, finding: answer }))
  return `${lead}${byFinding(ANSWERS, each)}`
}

/** Arms against those they are compared with, over the tasks of a section. */
export function against(
  { results, tasks, arms }: Section,
  wanted: readonly string[],
  evaluations: number,
  metric: Metric,
  remark = '',
): string[] {
  const each = compareArms(results, tasks, arms, evaluations, metric)
  const over = compareArmsOverTasks(results, tasks, arms, evaluations, metric)
  return summed(wanted, each, over, remark)
}

/**
 * A line for each arm that was compared over several tasks at once, or found better or worse on one; the others share
 * a line for each finding.
 *
 * @param over all tasks with enough seeds at once; arms that have not two are absent
 */
export function summed(
  wanted: readonly string[],
  each: readonly Judged[],
  over: readonly Judged[] = [],
  remark = '',
): string[] {
  const lines: string[] = []
  const rest: Judged[] = []
  for (const arm of wanted) {
    const own = each.filter(({ side }) => side.arm === arm)
    const mean = over.find(({ side }) => side.arm === arm)
    if (mean) {
      const found = own.map((one) => ({
        task: one.task,
        finding: finding(one),
        remark: neededText(one).join(''),
      }))
      lines.push(
        `${nameOf(arm)}${remark}: ${findingText(mean, ` on average over ${mean.task}`)}; task by task ${byFinding(FINDINGS, found)}`,
      )
    } else if (own.some(claimed)) {
      lines.push(verdict(`${nameOf(arm)}${remark}`, own)!.replace(/\.$/, ''))
    } else rest.push(...own)
  }
  // What was seen with too few seeds is left to the chapters where there is better to tell.
  const better = lines.length > 0 || rest.some((one) => finding(one) !== 'not enough seeds')
  return [...lines, ...shared(rest, remark, better ? inBrief : seenText)]
}

/** What was not told, arm by arm in a line for each reason. */
function shared(judged: readonly Judged[], remark: string, shown: (one: Judged) => string): string[] {
  return FINDINGS.flatMap((kind) => {
    const byArm = groupBy(
      judged.filter((one) => finding(one) === kind),
      ({ side }) => side.arm,
    )
    if (byArm.size === 0) return []
    const arms = [...byArm].map(
      ([arm, own]) => `${nameOf(arm)} (${own.map((one) => `\`${one.task}\` ${shown(one)}`).join('; ')})`,
    )
    return [`${kind}${remark}: ${arms.join(', ')}`]
  })
}

/** Without what was seen with too few seeds. */
function inBrief(one: Judged): string {
  if (finding(one) !== 'not enough seeds') return seenText(one)
  return [`${one.seeds} of ${ENOUGH_SEEDS}`, ...neededText(one)].join(', ')
}

function nameOf(arm: string): string {
  const { against: other } = ARMS[arm]
  return `**${arm}**${other === VANILLA ? '' : ` against ${other}`}`
}
