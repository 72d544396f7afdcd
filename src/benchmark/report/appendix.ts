import { ARMS } from '../arm.ts'
import { finalFigures } from '../comparison.ts'
import { EVALUATIONS } from '../job.ts'
import { METRICS } from '../metric.ts'
import type { JobRecord } from '../record.ts'
import type { Results } from '../results.ts'
import { TASKS } from '../task.ts'
import { type Block, heading, list, table, text } from './document.ts'
import { countText, figureText } from './format.ts'
import { calls, FEWEST, groupBy, lastPlans, MOST, meanOf, median } from './section.ts'

/** How runs were made, and each of them. */
export function appendix(results: Results): Block[] {
  return [...pairings(results), ...settings(results), ...everyRun(results)]
}

function pairings({ jobs, timings, paces }: Results): Block[] {
  const groups = groupBy(jobs, ({ task, arm }) => JSON.stringify([task, arm]))
  const rows = [...groups.values()].map((group) => {
    const [{ task, arm }] = group
    const ofArm = (one: { task: string; arm: string }) => one.task === task && one.arm === arm
    const pace = paces.filter(ofArm)
    const own = pace.length > 0 ? pace : timings.filter(ofArm)
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
      pace.length > 0 ? arm : `${arm} *`,
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
      'E‖n‖²/D is 1 for the noise that sampling starts from; less means that short noise was favoured. The probe is the R² with which a linear regression reads the observation from the noise; chance is 0, and sampling starts from noise that tells nothing. The distance is that of data and noise over that of independent ones. Milliseconds are those of one thread; those of arms with their own pace (`immiscible bench pace`) were measured with nothing beside them, one arm after another, and compare as closely as the steps of one network do in arms that differ in the batch alone; the seconds to a level of success are steps at that pace. Without it (*) they were taken while other jobs ran, and do not.',
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
      demonstrations?: { count: number }
      evaluation: { episodes?: number; count?: number }
    }
    return [
      `\`${task}\``,
      TASKS[task]?.summary ?? '',
      `${network.type}, ${countText(parameters / 1000)} k`,
      demonstrations ? countText(demonstrations.count) : '',
      countText(samples),
      `${countText(training.steps)} × ${training.batch} at ${training.learningRate}`,
      countText(evaluation.episodes ?? evaluation.count ?? 0),
    ]
  })
  const arms = [...new Set(jobs.map(({ arm }) => arm))]
  return [
    heading(2, 'Settings'),
    ...table(
      [
        'task',
        '',
        'network, parameters',
        'demonstrations',
        'windows or images',
        'training',
        'test episodes or images',
      ],
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
  const ofImages = (task: string) => 'images' in (TASKS[task]?.config ?? {})
  const rows = results.jobs
    .filter(({ task }) => !ofImages(task))
    .map((job) => {
      const { task, arm, seed } = job
      const of = (evaluations: number) =>
        lastPlans(results, task, arm, evaluations).find((one) => one.seed === seed)
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
      `${rows.length} runs of planners`,
    ),
    ...everyImageRun(results, ofImages),
  ]
}

function everyImageRun(results: Results, ofImages: (task: string) => boolean): Block[] {
  const columns = ['frechet', 'kernel', 'precision', 'recall'].flatMap((name) =>
    [FEWEST, MOST].map((evaluations) => ({ metric: METRICS[name], evaluations })),
  )
  const rows = results.jobs
    .filter(({ task }) => ofImages(task))
    .map(({ task, arm, seed, diverged }) => [
      `\`${task}\``,
      arm,
      `${seed}`,
      ...columns.map(({ metric, evaluations }) =>
        shownFigure(finalFigures(results, task, { arm, evaluations }, metric).get(seed)),
      ),
      diverged ? 'diverged' : '',
    ])
  const head = columns.map(({ metric, evaluations }) => `${metric.label}, ${evaluations}`)
  return table(['task', 'arm', 'seed', ...head, ''], rows, `${rows.length} runs of image generators`)
}

function shownFigure(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : figureText(value)
}
