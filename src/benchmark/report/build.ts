import type { Environment } from '../../env/environment.ts'
import { ARMS, VANILLA } from '../arm.ts'
import { ENOUGH_SEEDS, estimateOver, finalFigures, finding, type Judged, judge } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import { METRICS, type Metric } from '../metric.ts'
import { PROTOCOLS } from '../protocol.ts'
import type { Results } from '../results.ts'
import { appendix } from './appendix.ts'
import {
  type Curve,
  curvesFigure,
  differencesFigure,
  modesFigure,
  type Panel,
  pathsFigure,
  picturesFigure,
  type Row,
} from './charts.ts'
import { type Block, figure, heading, list, table, text } from './document.ts'
import { CELL_KEY, cellText, countText, figureText, findingText } from './format.ts'
import { atAGlance, energyMargin } from './glance.ts'
import {
  asGoodAs,
  compareArms,
  compareMatched,
  curves,
  equivalenceText,
  MARGIN,
  reached,
  reachText,
  soonerText,
  verdict,
} from './questions.ts'
import {
  calls,
  capitalised,
  environmentOf,
  FEWEST,
  lastPlans,
  MOST,
  meanOf,
  type Section,
  slug,
} from './section.ts'

/** Levels of success that runs are timed to. */
const LEVELS = [0.5, 0.8]
/** Numbers of evaluations that verdicts are written out for; the tables have all. */
const TOLD = [FEWEST, MOST] as const
/** Arms whose curves are drawn; more would hide one another, and the tables have all. */
const DRAWN = ['independent', 'local', 'residual', 'penalised', 'assignment', 'nearest', 'epsilon']

/** What a report is made from. */
export interface ReportOptions {
  readonly results: Results
  /** The figure that closed-loop policies are compared by; `success` by default. */
  readonly metric: Metric
  readonly loadEnvironment: (name: string) => Promise<Environment>
}

/** The report of everything that is in the results: questions first, every run last. */
export async function buildReport({ results, metric, loadEnvironment }: ReportOptions): Promise<Block[]> {
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
    ['few-step', (one) => fewStep(one)],
    ['closed-loop', (one) => closedLoop(one, metric, environments)],
    ['push-t', (one) => pushT(one)],
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
      `Runs of one task and seed are **paired**: the same demonstrations, initial weights, minibatches, training times and test episodes; only the arm differs. Seeds share nothing. Intervals are 95 % paired t intervals over seeds; p-values are corrected by Holm’s method over all arms and tasks of a question. Below ${ENOUGH_SEEDS} seeds nothing is claimed. An *evaluation* is one call of the network; a plan costs as many calls as the sampler has steps.`.replaceAll(
        '*evaluation*',
        '**evaluation**',
      ),
    ),
  ]
}

function fewStep(section: Section): Block[] {
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
    ...equivalenceTable(section, coupled, [FEWEST, EVALUATIONS[1]], energy, margin),
    ...curvesOver(section, energy, 'energy-distance'),
    heading(3, 'Differences at the same number of evaluations'),
    ...verdicts(section, energy, EVALUATIONS),
    ...differenceTable(section, energy),
    heading(3, 'Success of the sampled paths'),
    ...differenceTable(section, METRICS.success),
  ]
}

function closedLoop(
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

function images(section: Section): Block[] {
  const { frechet } = METRICS
  const { results, tasks, arms } = section
  const panels = tasks.flatMap((task) =>
    TOLD.map((evaluations) => ({
      title: `${task}, ${calls(evaluations)}`,
      curves: arms.flatMap((arm) => learningCurve(results, task, arm, evaluations, frechet)),
    })),
  )
  return [
    heading(2, 'Images'),
    text(
      'Fréchet distance of the features of a small classifier that was trained on the real digits: lower is better, and few samples make it greater, alike for all arms. All seeds learn from the same digits. Precision is the share of samples near real ones, recall that of real ones near samples.',
    ),
    ...curvesOver(section, frechet, 'images'),
    ...figure(
      'images-learning',
      curvesFigure(panels, { x: 'training steps', y: frechet.label, bands: true, paired: true }),
      'Fréchet distance on the way through training: means over seeds with bands of 95 % t intervals.',
    ),
    ...verdicts(section, frechet, TOLD),
    ...differenceTable(section, frechet),
    ...['precision', 'recall'].flatMap((name) => differenceTable(section, METRICS[name])),
    ...tasks.flatMap((task) => sheets(section, task)),
  ]
}

function sheets({ results, arms }: Section, task: string): Block[] {
  const panels = arms.flatMap((arm) => {
    const job = results.jobs.find((one) => one.task === task && one.arm === arm && one.pictures)
    return Object.entries(job?.pictures ?? {}).map(([evaluations, png]) => ({
      title: `${arm}, ${calls(Number(evaluations))}`,
      png,
    }))
  })
  return figure(
    `samples-${slug(task)}`,
    picturesFigure(panels),
    `\`${task}\`, seed 0: the first samples after training.`,
  )
}

function pushT(section: Section): Block[] {
  const reward = METRICS['reward-max']
  return [
    heading(2, 'Push-T'),
    text(
      'The max reward is the largest covered share of the goal of an episode, 1 from 95 % on, as the field reports.',
    ),
    ...curvesOver(section, reward, 'push-t'),
    ...verdicts(section, reward, TOLD),
    ...differenceTable(section, reward),
    heading(3, 'Success, final and mean reward, and the rarer way round'),
    text(
      'Of a T that starts half a turn off, the share of the rarest mode is that of the rarer way round among the successes; an even policy shows a little less than a half.',
    ),
    ...['success', 'reward-final', 'reward-mean', 'minority'].flatMap((name) =>
      differenceTable(section, METRICS[name]),
    ),
  ]
}

function modes(section: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const { results, arms } = section
  const variation = METRICS['total-variation']
  const coupled = arms.filter((arm) => ARMS[arm].against === VANILLA)
  const judged = judge(
    section.tasks.flatMap((task) =>
      coupled.flatMap((arm) => compareMatched(results, task, arm, MOST, variation)?.comparison ?? []),
    ),
  )
  if (judged.length === 0) return []
  const rows = judged.map((one) => {
    const matched = compareMatched(results, one.task, one.side.arm, MOST, variation)!
    return [
      `\`${one.task}\``,
      one.side.arm,
      figureText(matched.level),
      figureText(one.value),
      figureText(one.reference),
      findingText(one),
    ]
  })
  return [
    heading(2, 'Balance of modes'),
    text(
      'Total variation of the modes’ shares from uniform, less what a perfectly even policy shows in as many successes (its floor), compared where two arms were equally successful for the first time in training; 0 is perfectly even. Failing more often is no variety.',
    ),
    ...list(
      coupled.flatMap(
        (arm) =>
          verdict(
            `**${arm}** at matched success, ${calls(MOST)}`,
            judged.filter(({ side }) => side.arm === arm),
          ) ?? [],
      ),
    ),
    ...table(['task', 'arm', 'success', 'above the floor', 'vanilla', 'finding'], rows),
    ...histograms(section, environments),
  ]
}

/** Whether arms with few evaluations are as good as vanilla with the most. */
function equivalenceTable(
  { results, tasks }: Section,
  arms: readonly string[],
  counts: readonly number[],
  metric: Metric,
  marginOf: (task: string) => number,
): Block[] {
  const against = { arm: VANILLA, evaluations: MOST }
  const rows = arms.flatMap((arm) =>
    counts.flatMap((evaluations) => {
      const cells = tasks.map((task) => {
        const found = asGoodAs(results, task, { arm, evaluations }, against, metric, marginOf(task))
        return found ? equivalenceText(found) : ''
      })
      return cells.some((cell) => cell !== '') ? [[arm, calls(evaluations), ...cells]] : []
    }),
  )
  return table(['arm', '', ...tasks.map((task) => `\`${task}\``)], rows)
}

/** One sentence for each arm and some numbers of evaluations; arms with too few seeds share one. */
function verdicts({ results, tasks, arms }: Section, metric: Metric, counts: readonly number[]): Block[] {
  const byEvaluations = counts.map((evaluations) => compareArms(results, tasks, arms, evaluations, metric))
  const sentences = arms.flatMap((arm) =>
    counts.flatMap((evaluations, i) => {
      const own = byEvaluations[i].filter(({ side }) => side.arm === arm)
      const against = ARMS[arm].against === VANILLA ? '' : ` against ${ARMS[arm].against}`
      return verdict(`**${arm}**${against}, ${calls(evaluations)}`, own) ?? []
    }),
  )
  const few = arms.filter((arm) => {
    const own = byEvaluations.flat().filter(({ side }) => side.arm === arm)
    return own.length > 0 && own.every((one) => finding(one) === 'not enough seeds')
  })
  return list([
    ...sentences,
    ...(few.length > 0
      ? [`${few.map((arm) => `**${arm}**`).join(', ')}: not enough seeds for a verdict on any task.`]
      : []),
  ])
}

function differenceTable({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const byEvaluations = EVALUATIONS.map((evaluations) =>
    compareArms(results, tasks, arms, evaluations, metric),
  )
  const rows = tasks.flatMap((task) =>
    arms.flatMap((arm) => {
      const seeds = results.jobs.filter((job) => job.task === task && job.arm === arm).length
      if (seeds === 0) return []
      const cells = EVALUATIONS.map((evaluations, i) => {
        const judged = byEvaluations[i].find((one) => one.task === task && one.side.arm === arm)
        if (judged) return cellText(judged)
        const figures = finalFigures(results, task, { arm, evaluations }, metric)
        return figures.size > 0 ? figureText(meanOf([...figures.values()])) : ''
      })
      return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, `${seeds}`, ...cells]] : []
    }),
  )
  const head = ['task', 'arm', 'seeds', ...EVALUATIONS.map((count) => `${metric.label}\n${calls(count)}`)]
  return rows.length > 0 ? [...table(head, rows), text(CELL_KEY)] : []
}

function curvesOver({ results, tasks, arms }: Section, metric: Metric, name: string): Block[] {
  const panels: Panel[] = tasks.map((task) => ({
    title: task,
    curves: drawn(arms).flatMap((arm): Curve[] => {
      const points = EVALUATIONS.flatMap((evaluations) => {
        const values = [...finalFigures(results, task, { arm, evaluations }, metric).values()]
        return values.length > 0 ? [{ x: evaluations, y: estimateOver(values) }] : []
      })
      return points.length > 0 ? [{ arm, points }] : []
    }),
  }))
  const share = metric.better === 'higher'
  const svg = curvesFigure(panels, {
    x: 'network evaluations a plan',
    y: metric.label,
    places: EVALUATIONS,
    ...(share ? { yDomain: [0, 1] } : { roots: true }),
  })
  return figure(
    name,
    svg,
    `${capitalised(metric.label)} after training against evaluations a plan: means over seeds with 95 % t intervals${share ? '' : ' (lower is better; the axis is that of square roots)'}.`,
  )
}

function drawn(arms: readonly string[]): string[] {
  return arms.filter((arm) => DRAWN.includes(arm))
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

function learning({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const panels = tasks.flatMap((task) =>
    TOLD.map((evaluations) => ({
      title: `${task}, ${calls(evaluations)}`,
      curves: drawn(arms).flatMap((arm) => learningCurve(results, task, arm, evaluations, metric)),
    })),
  )
  const head = [
    'task',
    'arm',
    ...LEVELS.flatMap((level) => TOLD.map((count) => `${100 * level} %, ${calls(count)}`)),
  ]
  const rowsBy = (by: 'steps' | 'seconds') =>
    tasks.flatMap((task) =>
      arms.flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          TOLD.map((evaluations) => reachText(reached(results, task, arm, evaluations, level, by))),
        )
        return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
      }),
    )
  const sooner = tasks.flatMap((task) =>
    arms
      .filter((arm) => ARMS[arm].against === VANILLA)
      .flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          TOLD.map((evaluations) =>
            soonerText(
              reached(results, task, arm, evaluations, level, 'steps'),
              reached(results, task, VANILLA, evaluations, level, 'steps'),
            ),
          ),
        )
        return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
      }),
  )
  return [
    ...figure(
      'learning',
      curvesFigure(panels, {
        x: 'training steps',
        y: metric.label,
        yDomain: [0, 1],
        bands: true,
        paired: true,
      }),
      `${capitalised(metric.label)} on the way through training: means over seeds with bands of 95 % t intervals.`,
    ),
    text(
      'Training steps to a level of success: median over seeds, and how many reached it. Seeds that never did count as later than all that did.',
    ),
    ...table(head, rowsBy('steps')),
    ...table(head, rowsBy('seconds'), 'The same in seconds of training on one thread, beside other jobs'),
    ...table(head, sooner, 'Seed by seed against vanilla'),
  ]
}

/** A figure over training steps: means over seeds with intervals. */
function learningCurve(
  ...[results, task, arm, evaluations, metric]: [Results, string, string, number, Metric]
): Curve[] {
  const bySeed = [...curves(results, task, arm, evaluations, metric).values()]
  const steps = [...new Set(bySeed.flatMap((curve) => curve.map(({ at }) => at)))].sort((a, b) => a - b)
  const points = steps.map((step) => ({
    x: step,
    y: estimateOver(
      bySeed.flatMap((curve) => curve.filter(({ at }) => at === step).map(({ value }) => value)),
    ),
  }))
  return points.length > 0 ? [{ arm, points }] : []
}

function histograms(
  { results, tasks, arms }: Section,
  environments: ReadonlyMap<string, Environment>,
): Block[] {
  return tasks.flatMap((task) => {
    const name = environmentOf(results.jobs.find((job) => job.task === task)!)
    const names = environments.get(name ?? '')?.dynamics.modes?.names
    if (!names) return []
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
    return figure(
      `modes-${slug(task)}`,
      modesFigure(panels, names),
      `\`${task}\`: share of each mode among the n successes of all seeds, ${calls(MOST)}. The dashed line is an even policy.`,
    )
  })
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
