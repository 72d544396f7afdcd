import type { Environment } from '../../env/environment.ts'
import { ARMS, VANILLA } from '../arm.ts'
import { ENOUGH_SEEDS, estimateOver, finalFigures, finding, type Judged, judge } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import { METRICS, type Metric } from '../metric.ts'
import { PROTOCOLS } from '../protocol.ts'
import type { JobRecord } from '../record.ts'
import type { Results } from '../results.ts'
import { TASKS } from '../task.ts'
import {
  type Curve,
  curvesFigure,
  differencesFigure,
  modesFigure,
  type Panel,
  pathsFigure,
  type Row,
} from './charts.ts'
import { type Block, figure, heading, list, table, text } from './document.ts'
import { CELL_KEY, cellText, countText, figureText, findingText } from './format.ts'
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

const [FEWEST] = EVALUATIONS
const MOST = EVALUATIONS[EVALUATIONS.length - 1]
/** Levels of success that runs are timed to. */
const LEVELS = [0.5, 0.8]
/** A hundredth of vanilla's energy distance at one evaluation counts as equally good. */
const ENERGY_MARGIN = 0.01

/** What a report is made from. */
export interface ReportOptions {
  readonly results: Results
  /** The figure that closed-loop policies are compared by; `success` by default. */
  readonly metric: Metric
  readonly loadEnvironment: (name: string) => Promise<Environment>
}

/** The results of a part of the tasks. */
interface Section {
  readonly results: Results
  readonly tasks: readonly string[]
  readonly arms: readonly string[]
}

/** The report of everything that is in the results: questions first, every run last. */
export async function buildReport({ results, metric, loadEnvironment }: ReportOptions): Promise<Block[]> {
  const environments = new Map<string, Environment>()
  for (const { config } of results.jobs) {
    environments.set(config.environment, await loadEnvironment(config.environment))
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
  ]
  return [
    ...introduction(results),
    ...atAGlance(sections, metric),
    ...parts.flatMap(([name, write]) => (sections[name].tasks.length > 0 ? write(sections[name]) : [])),
    ...pairings(results),
    ...settings(results),
    ...everyRun(results),
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

function energyMargin(results: Results, task: string): number {
  const vanilla = { arm: VANILLA, evaluations: FEWEST }
  return ENERGY_MARGIN * meanOf(finalFigures(results, task, vanilla, METRICS['energy-distance']))
}

/** The questions that the benchmark is for, answered in a sentence each. */
function atAGlance(sections: Readonly<Record<string, Section>>, metric: Metric): Block[] {
  const { 'few-step': few, 'closed-loop': closed } = sections
  const energy = METRICS['energy-distance']
  const two = EVALUATIONS[1]
  const glance = (arm: string, evaluations: number, section: Section, by: Metric) => {
    const judged = compareArms(section.results, section.tasks, section.arms, evaluations, by)
    const own = judged.filter(({ side }) => side.arm === arm)
    if (own.length === 0) return []
    const subject = `**${arm}** against vanilla, both with ${calls(evaluations)}, ${by.label}`
    return [verdict(subject, own) ?? `${subject}: not enough seeds.`]
  }
  const few2 = ['local', 'assignment'].flatMap((arm) =>
    few.tasks.flatMap((task) => {
      const vanilla = { arm: VANILLA, evaluations: MOST }
      const margin = energyMargin(few.results, task)
      const found = asGoodAs(few.results, task, { arm, evaluations: two }, vanilla, energy, margin)
      return found
        ? [
            `Does **${arm}** with ${calls(two)} sample whole paths as well as vanilla with ${MOST}? ${equivalenceText(found).replaceAll('\n', ', ')}.`,
          ]
        : []
    }),
  )
  const one = closed.tasks.flatMap((task) => {
    const vanilla = { arm: VANILLA, evaluations: MOST }
    const found = asGoodAs(
      closed.results,
      task,
      { arm: 'local', evaluations: FEWEST },
      vanilla,
      metric,
      MARGIN,
    )
    return found ? [`\`${task}\` ${equivalenceText(found).replaceAll('\n', ', ')}`] : []
  })
  return [
    heading(2, 'In short'),
    ...list([
      ...few2,
      ...glance('local', FEWEST, few, energy),
      ...EVALUATIONS.flatMap((evaluations) => glance('local', evaluations, closed, metric)),
      ...(one.length > 0
        ? [
            `Is a **local** policy with ${calls(FEWEST)} as good as a vanilla one with ${MOST}, within ${MARGIN} of ${metric.label}? ${one.join('; ')}.`,
          ]
        : []),
    ]),
  ]
}

function fewStep(section: Section): Block[] {
  const { results, arms } = section
  const energy = METRICS['energy-distance']
  const coupled = arms.filter((arm) => ARMS[arm].against === VANILLA)
  const margin = (task: string) => energyMargin(results, task)
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
    ...verdicts(section, energy),
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
    ...verdicts(section, metric),
    ...differences(section, metric),
    ...differenceTable(section, metric),
    heading(3, 'Does it learn sooner?'),
    ...learning(section, metric),
    ...pathsOf(section, environments),
  ]
}

function pushT(section: Section): Block[] {
  const reward = METRICS['reward-max']
  return [
    heading(2, 'Push-T'),
    text(
      'The max reward is the largest covered share of the goal of an episode, 1 from 95 % on, as the field reports.',
    ),
    ...curvesOver(section, reward, 'push-t'),
    ...verdicts(section, reward),
    ...differenceTable(section, reward),
    heading(3, 'Success, mean and final reward'),
    ...['success', 'reward-mean', 'reward-final'].flatMap((name) => differenceTable(section, METRICS[name])),
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

/** One sentence for each arm and number of evaluations; arms with too few seeds share one. */
function verdicts({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const byEvaluations = EVALUATIONS.map((evaluations) =>
    compareArms(results, tasks, arms, evaluations, metric),
  )
  const sentences = arms.flatMap((arm) =>
    EVALUATIONS.flatMap((evaluations, i) => {
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
        return figures.size > 0 ? figureText(meanOf(figures)) : ''
      })
      return [[`\`${task}\``, arm, `${seeds}`, ...cells]]
    }),
  )
  const head = ['task', 'arm', 'seeds', ...EVALUATIONS.map((count) => `${metric.label}\n${calls(count)}`)]
  return [...table(head, rows), text(CELL_KEY)]
}

function curvesOver({ results, tasks, arms }: Section, metric: Metric, name: string): Block[] {
  const panels: Panel[] = tasks.map((task) => ({
    title: task,
    curves: arms.flatMap((arm): Curve[] => {
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

function differences({ results, tasks, arms }: Section, metric: Metric): Block[] {
  const panels = EVALUATIONS.slice(0, 2).flatMap((evaluations) => {
    const judged = compareArms(results, tasks, arms, evaluations, metric)
    return tasks.flatMap((task) => {
      const own = judged.filter((one) => one.task === task && one.difference && one.against.arm === VANILLA)
      if (own.length === 0) return []
      return [{ title: `${task}, ${calls(evaluations)}`, rows: own.map(rowOf) }]
    })
  })
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
  const panels = [FEWEST, MOST].flatMap((evaluations) =>
    tasks.map((task) => ({
      title: `${task}, ${calls(evaluations)}`,
      curves: arms.flatMap((arm): Curve[] => {
        const bySeed = [...curves(results, task, arm, evaluations, metric).values()]
        const steps = [...new Set(bySeed.flatMap((curve) => curve.map(({ at }) => at)))].sort((a, b) => a - b)
        const points = steps.map((step) => ({
          x: step,
          y: estimateOver(
            bySeed.flatMap((curve) => curve.filter(({ at }) => at === step).map(({ value }) => value)),
          ),
        }))
        return points.length > 0 ? [{ arm, points }] : []
      }),
    })),
  )
  const head = [
    'task',
    'arm',
    ...LEVELS.flatMap((level) => [FEWEST, MOST].map((count) => `${100 * level} %, ${calls(count)}`)),
  ]
  const rowsBy = (by: 'steps' | 'seconds') =>
    tasks.flatMap((task) =>
      arms.flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          [FEWEST, MOST].map((evaluations) => reachText(reached(results, task, arm, evaluations, level, by))),
        )
        return cells.some((cell) => cell !== '') ? [[`\`${task}\``, arm, ...cells]] : []
      }),
    )
  const sooner = tasks.flatMap((task) =>
    arms
      .filter((arm) => ARMS[arm].against === VANILLA)
      .flatMap((arm) => {
        const cells = LEVELS.flatMap((level) =>
          [FEWEST, MOST].map((evaluations) =>
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
      curvesFigure(panels, { x: 'training steps', y: metric.label, yDomain: [0, 1], bands: true }),
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

function histograms(
  { results, tasks, arms }: Section,
  environments: ReadonlyMap<string, Environment>,
): Block[] {
  return tasks.flatMap((task) => {
    const { config } = results.jobs.find((job) => job.task === task)!
    const names = environments.get(config.environment)?.dynamics.modes?.names
    if (!names) return []
    const panels = arms.flatMap((arm) => {
      const last = lastEvaluations(results, task, arm, MOST)
      const counts = names.map((_, mode) =>
        last.reduce((sum, { modes: shown }) => sum + (shown?.[mode] ?? 0), 0),
      )
      const total = counts.reduce((sum, count) => sum + count, 0)
      if (total === 0) return []
      const seeds = `${last.length} ${last.length === 1 ? 'seed' : 'seeds'}`
      return [
        {
          title: `${arm}: ${countText(total)} successes, ${seeds}`,
          arm,
          shares: counts.map((count) => count / total),
        },
      ]
    })
    return figure(
      `modes-${slug(task)}`,
      modesFigure(panels, names),
      `\`${task}\`: share of each mode among the successes of all seeds, ${calls(MOST)}. The dashed line is an even policy.`,
    )
  })
}

function pathsOf({ results, tasks, arms }: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const shown = arms.filter((arm) => arm === VANILLA || arm === 'local' || arm === 'assignment')
  const figures = tasks.flatMap((task) => {
    const jobs = results.jobs.filter((job) => job.task === task && job.paths)
    const environment = environments.get(jobs[0]?.config.environment ?? '')
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

function pairings({ jobs, timings }: Results): Block[] {
  const groups = groupBy(jobs, ({ task, arm }) => JSON.stringify([task, arm]))
  const rows = [...groups.values()].map((group) => {
    const [{ task, arm }] = group
    const own = timings.filter((timing) => timing.task === task && timing.arm === arm)
    const over = (of: (job: JobRecord) => number) => meanOf(group.map(of))
    const time = (of: (timing: (typeof own)[number]) => number) =>
      own.length > 0 ? figureText(meanOf(own.map(of))) : ''
    const plan = (count: number) => {
      const times = own.flatMap((timing) => timing.plan?.[count] ?? [])
      const slow = own.flatMap((timing) => timing.planP95?.[count] ?? [])
      if (times.length === 0) return ''
      return `${figureText(median(times))}${slow.length > 0 ? ` / ${figureText(median(slow))}` : ''}`
    }
    return [
      `\`${task}\``,
      arm,
      figureText(over(({ pairing }) => pairing.normEnergy)),
      figureText(over(({ pairing }) => pairing.probe)),
      figureText(over(({ pairing }) => pairing.distance)),
      time(({ batch }) => batch),
      time(({ compute }) => compute),
      plan(FEWEST),
      plan(MOST),
    ]
  })
  return [
    heading(2, 'What the couplings do to the noise, and cost'),
    text(
      'E‖n‖²/D is 1 for the noise that sampling starts from; less means that short noise was favoured. The probe is the R² with which a linear regression reads the observation from the noise; chance is 0, and sampling starts from noise that tells nothing. The distance is that of data and noise over that of independent ones. Milliseconds were measured on one thread while other jobs ran; compare them within a task only.',
    ),
    ...table(
      [
        'task',
        'arm',
        'E‖n‖²/D',
        'probe R²',
        'distance',
        'batch (ms)',
        'step (ms)',
        `plan, ${calls(FEWEST)}\np50 / p95 (ms)`,
        `plan, ${calls(MOST)}\np50 / p95 (ms)`,
      ],
      rows,
    ),
  ]
}

function settings({ jobs }: Results): Block[] {
  const first = groupBy(jobs, ({ task }) => task)
  const rows = [...first].map(([task, [{ config, parameters, samples }]]) => {
    const { training, network, demonstrations, evaluation } = config as unknown as {
      training: { steps: number; batch: number; learningRate: number }
      network: { type: string }
      demonstrations: { count: number }
      evaluation: { episodes: number }
    }
    return [
      `\`${task}\``,
      TASKS[task]?.summary ?? '',
      `${network.type}, ${countText(parameters / 1000)} k`,
      countText(demonstrations.count),
      countText(samples),
      `${countText(training.steps)} × ${training.batch} at ${training.learningRate}`,
      countText(evaluation.episodes),
    ]
  })
  const arms = [...new Set(jobs.map(({ arm }) => arm))]
  return [
    heading(2, 'Settings'),
    ...table(
      ['task', '', 'network, parameters', 'demonstrations', 'windows', 'training', 'test episodes'],
      rows,
    ),
    ...table(
      ['arm', '', 'compared with'],
      arms.map((arm) => [arm, ARMS[arm]?.summary ?? '', ARMS[arm]?.against ?? '']),
    ),
  ]
}

function everyRun(results: Results): Block[] {
  const diverged = results.jobs.filter((job) => job.diverged !== undefined)
  const rows = results.jobs.map((job) => {
    const { task, arm, seed } = job
    const of = (evaluations: number) =>
      lastEvaluations(results, task, arm, evaluations).find((one) => one.seed === seed)
    const most = of(MOST)
    return [
      `\`${task}\``,
      arm,
      `${seed}`,
      ...EVALUATIONS.map((count) => shownFigure(of(count)?.success)),
      shownFigure(most?.rewardMax),
      shownFigure(of(FEWEST)?.energyDistance),
      shownFigure(most?.energyDistance),
      most ? shownFigure(METRICS['total-variation'].of(most)) : '',
      job.diverged ? 'diverged' : '',
    ]
  })
  return [
    heading(2, 'Every run'),
    ...list(
      diverged.map(({ task, arm, seed, diverged: why }) => `\`${task}\`, ${arm}, seed ${seed}: ${why}`),
    ),
    ...table(
      [
        'task',
        'arm',
        'seed',
        ...EVALUATIONS.map((count) => `success, ${count}`),
        `max reward, ${MOST}`,
        `energy distance, ${FEWEST}`,
        `energy distance, ${MOST}`,
        `TV above floor, ${MOST}`,
        '',
      ],
      rows,
      `${rows.length} runs`,
    ),
  ]
}

function lastEvaluations(...[{ evaluations: all }, task, arm, count]: [Results, string, string, number]) {
  const own = all.filter((one) => one.task === task && one.arm === arm && one.evaluations === count)
  return [...groupBy(own, ({ seed }) => `${seed}`).values()].map((some) =>
    some.reduce((last, one) => (one.step >= last.step ? one : last)),
  )
}

function shownFigure(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : figureText(value)
}

/** `1 evaluation`, `10 evaluations` */
function calls(count: number): string {
  return `${count} ${count === 1 ? 'evaluation' : 'evaluations'}`
}

function slug(task: string): string {
  return task.replaceAll('/', '-')
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function meanOf(values: ReadonlyMap<number, number> | readonly number[]): number {
  const all = [...values.values()]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value])
  return groups
}
