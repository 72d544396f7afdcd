import type { Environment } from '../../env/environment.ts'
import { ARMS } from '../arm.ts'
import { ENOUGH_SEEDS } from '../comparison.ts'
import type { Metric } from '../metric.ts'
import { PROTOCOLS } from '../protocol.ts'
import type { Results } from '../results.ts'
import { TASKS } from '../task.ts'
import { appendix } from './appendix.ts'
import { closedLoop } from './chapters/closed-loop.ts'
import { fewStep } from './chapters/few-step.ts'
import { images } from './chapters/images.ts'
import { modes } from './chapters/modes.ts'
import { pushT } from './chapters/push-t.ts'
import { type Block, heading, text } from './document.ts'
import { NEEDED_KEY } from './format.ts'
import { atAGlance } from './glance.ts'
import { environmentOf, type Section } from './section.ts'

/** What a report is made from. */
export interface ReportOptions {
  readonly results: Results
  /** The figure that closed-loop policies are compared by; `success` by default. */
  readonly metric: Metric
  readonly loadEnvironment: (name: string) => Promise<Environment>
}

/** The report of everything that is in the results: questions first, every run last. */
export async function buildReport(options: ReportOptions): Promise<Block[]> {
  const { metric, loadEnvironment } = options
  const results = inOrder(options.results)
  const environments = new Map<string, Environment>()
  for (const job of results.jobs) {
    const name = environmentOf(job)
    if (name !== undefined) environments.set(name, await loadEnvironment(name))
  }
  const section = (protocol: string): Section => {
    const has = (task: string, arm?: string) =>
      results.jobs.some((job) => job.task === task && (arm === undefined || job.arm === arm))
    const tasks = PROTOCOLS[protocol].tasks.filter((task) => has(task))
    const arms = Object.keys(ARMS).filter((arm) => tasks.some((task) => has(task, arm)))
    return { results, tasks, arms }
  }
  const sections = Object.fromEntries(Object.keys(PROTOCOLS).map((name) => [name, section(name)]))
  const parts: readonly [string, (section: Section) => Block[]][] = [
    ['few-step', (one) => fewStep(one, environments)],
    ['closed-loop', (one) => closedLoop(one, metric, environments)],
    ['push-t', (one) => pushT(one, environments)],
    ['modes', (one) => modes(one, environments)],
    ['images', (one) => images(one)],
  ]
  return [
    ...introduction(results),
    ...atAGlance(sections, metric),
    ...parts.flatMap(([name, write]) => (sections[name].tasks.length > 0 ? write(sections[name]) : [])),
    ...appendix(results),
  ]
}

/** The jobs in the order of tasks, arms and seeds, in whichever they were run. */
function inOrder(results: Results): Results {
  const [tasks, arms] = [Object.keys(TASKS), Object.keys(ARMS)]
  const jobs = results.jobs.toSorted(
    (a, b) =>
      tasks.indexOf(a.task) - tasks.indexOf(b.task) ||
      arms.indexOf(a.arm) - arms.indexOf(b.arm) ||
      a.seed - b.seed,
  )
  return { ...results, jobs }
}

function introduction({ jobs }: Results): Block[] {
  const [{ versions }] = jobs
  const tasks = new Set(jobs.map(({ task }) => task))
  const arms = new Set(jobs.map(({ arm }) => arm))
  const seeds = jobs.map(({ seed }) => seed)
  return [
    heading(1, 'Does immiscible noise help planners?'),
    text(
      `${jobs.length} runs on ${tasks.size} tasks with ${arms.size} arms and seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}, made with ${Object.entries(
        versions,
      )
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
    ),
    text(
      `Runs of one task and seed are **paired**: the same demonstrations, initial weights, minibatches, training times and test episodes; only the arm differs. Different seeds share nothing, except that Push-T’s demonstrations and the digits are the same for all. Intervals are 95 % paired t intervals over seeds; p-values are corrected by Holm’s method over all arms and tasks of a question, and for averages over tasks over all arms. Below ${ENOUGH_SEEDS} seeds nothing is claimed. An **evaluation** is one call of the network; a plan costs as many calls as the sampler has steps.`,
    ),
    text(
      `${NEEDED_KEY} Whether one arm is as good as another within a margin is read from 95 % intervals, which are not corrected.`,
    ),
  ]
}
