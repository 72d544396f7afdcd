import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { PlannerInput } from '../../src/config/planner.ts'
import { fromEpisodes, toEpisodes } from '../../src/data/dataset.ts'
import { writeReplayBuffer } from '../../src/data/replay-buffer.ts'
import type { Episode } from '../../src/env/environment.ts'
import { DivergenceError, InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'
import { checkpointSteps, latestCheckpoint } from '../../src/run/checkpoint.ts'
import { bestCheckpoint } from '../../src/run/retention.ts'
import { type PlannerRunRequest, RANKING, trainPlannerRun } from '../../src/train/planner-run.ts'
import type { RunEvent } from '../../src/train/run-events.ts'
import { trainPlannerInThread } from '../../src/train/run-thread.ts'
import { scratch } from '../scratch.ts'
import { demonstrations as dataset, demonstrationsIn, tinyConfig } from './tiny.ts'

const folder = scratch()
const demonstrations = await demonstrationsIn(folder)

const request = (
  name: string,
  training?: PlannerInput['training'],
  others?: Partial<PlannerInput>,
): PlannerRunRequest & { folder: string } => ({
  folder: join(folder, name),
  environment: twoWay.module,
  demonstrations,
  config: tinyConfig(training, others),
})

async function collected(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const of = <T extends RunEvent['type']>(events: RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)

const lines = (run: string): Record<string, number>[] =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** The first `length` steps of an episode. */
const headOf = ({ columns, ...episode }: Episode, length: number): Episode => ({
  ...episode,
  length,
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, { values, columns: width }]) => [
      name,
      rows(values.slice(0, length * width), length, width),
    ]),
  ),
})

/** A replay buffer whose observations are NaN: a chunk that is absent reads as the array's fill value. */
async function withoutNumbers(): Promise<string> {
  const spoilt = join(folder, 'spoilt.zarr')
  await writeReplayBuffer(spoilt, dataset)
  const array = join(spoilt, 'data', 'observation')
  const description = JSON.parse(readFileSync(join(array, '.zarray'), 'utf8'))
  writeFileSync(join(array, '.zarray'), JSON.stringify({ ...description, fill_value: 'NaN' }))
  rmSync(join(array, '0.0'))
  return spoilt
}

test.serial('a run reports and records its start, checkpoints, evaluations and end', async (t) => {
  const asked = request('whole', { steps: 12, evaluateEvery: 5, keepBest: 1, checkpointEvery: 4 })
  const events = await collected(trainPlannerRun(asked))

  t.like(events[0], { type: 'started', from: 0, steps: 12 })
  t.true(of(events, 'started')[0].samples > 100)
  t.is(of(events, 'step').length, 12)
  t.deepEqual(
    of(events, 'checkpoint').map(({ step }) => step),
    [4, 5, 8, 10, 12],
  )
  t.deepEqual(
    of(events, 'evaluation').map(({ step, evaluation }) => [step, evaluation.episodes]),
    [
      [5, 4],
      [10, 4],
      [12, 4],
    ],
  )
  t.deepEqual(events.at(-1), { type: 'finished', step: 12, complete: true })

  const stepsWith = (key: string) =>
    lines(asked.folder)
      .filter((line) => key in line)
      .map(({ step }) => step)
  t.deepEqual(stepsWith('train/loss'), [5, 10, 12])
  t.deepEqual(stepsWith('validation/loss'), [6, 12])
  t.deepEqual(stepsWith('evaluation/success'), [5, 10, 12])

  // The two newest and the best stay; nothing is left of what is only there while a run is under way.
  const kept = await checkpointSteps(join(asked.folder, 'checkpoints'))
  t.deepEqual(kept.slice(-2), [10, 12])
  t.true(kept.length <= 3)
  const { best } = await bestCheckpoint(join(asked.folder, 'checkpoints'), RANKING)
  const successes = of(events, 'evaluation').map(({ evaluation }) => evaluation.success.value)
  t.is(best?.manifest.metrics.success, Math.max(...successes))
  t.deepEqual(
    readdirSync(asked.folder)
      .filter((name) => !name.startsWith('events.'))
      .sort(),
    ['checkpoints', 'config.json', 'environment.json', 'metrics.jsonl', 'normalizer.safetensors'],
  )
  t.deepEqual(JSON.parse(readFileSync(join(asked.folder, 'config.json'), 'utf8')), asked.config)
})

test.serial('a thread trains as the main thread does', async (t) => {
  const here = request('here', { steps: 4, logEvery: 1, checkpointEvery: 2 })
  const there = { ...here, folder: join(folder, 'there') }
  await collected(trainPlannerRun(here))
  const events = await collected(trainPlannerInThread(there))
  t.deepEqual(events.at(-1), { type: 'finished', step: 4, complete: true })
  t.deepEqual(lines(there.folder), lines(here.folder))
  t.true(lines(here.folder).length > 4)
})

test.serial('a stop that comes before training begins is heeded', async (t) => {
  const controller = new AbortController()
  controller.abort()
  const events = await collected(trainPlannerInThread(request('early'), controller.signal))
  t.deepEqual(events.at(-1), { type: 'finished', step: 0, complete: false })
})

test.serial('training that diverges leaves the checkpoints before it sound, in threads too', async (t) => {
  const asked = request('diverging', { learningRate: 1e30, warmup: 2, checkpointEvery: 1, logEvery: 1 })
  const error = await t.throwsAsync(collected(trainPlannerInThread(asked)), { instanceOf: DivergenceError })
  const failed = Number(/at step (\d+)/.exec(error!.message)![1])
  const { checkpoint, skipped } = await latestCheckpoint(join(asked.folder, 'checkpoints'))
  t.deepEqual(skipped, [])
  // The weights of the step before are finite, but gave no finite loss.
  t.is(checkpoint!.manifest.step, failed - 2)
  for (const tensors of Object.values(checkpoint!.tensors)) {
    for (const [name, { values }] of Object.entries(tensors)) {
      t.true((values as Float32Array).every(Number.isFinite), name)
    }
  }
  t.true(lines(asked.folder).every((line) => line.step < failed))
  t.false(existsSync(join(asked.folder, 'lock.json')))
})

test.serial('weights that are no numbers are not kept, though the loss before them was finite', async (t) => {
  const asked = request('overflowing', { steps: 1, learningRate: 1e39, warmup: 0 })
  await t.throwsAsync(collected(trainPlannerRun(asked)), {
    instanceOf: DivergenceError,
    message: /at step 1: ".*" is not finite.*config\.json/,
  })
  t.is((await latestCheckpoint(join(asked.folder, 'checkpoints'))).checkpoint, undefined)
})

test.serial('a mistake in a new run is told before there is a folder', async (t) => {
  const nowhere = { ...request('unread'), demonstrations: join(folder, 'absent.zarr') }
  await t.throwsAsync(collected(trainPlannerRun(nowhere)), {
    instanceOf: InputError,
    message: /absent\.zarr/,
  })
  const device = process.platform === 'darwin' ? 'dml' : 'coreml'
  const noDevice = request('no-device', {}, { engine: { device } })
  await t.throwsAsync(collected(trainPlannerRun(noDevice)), {
    instanceOf: InputError,
    message: new RegExp(device, 'i'),
  })
  const uneven = request('uneven')
  const cut = { ...uneven.config!.training, accumulate: 3 }
  const unevenly = { ...uneven, config: { ...uneven.config!, training: cut } }
  await t.throwsAsync(collected(trainPlannerRun(unevenly)), {
    instanceOf: InputError,
    message: /training\.accumulate is 3: must cut training\.batch into equal parts/,
  })
  const spoilt = { ...request('spoilt'), demonstrations: await withoutNumbers() }
  await t.throwsAsync(collected(trainPlannerRun(spoilt)), {
    instanceOf: InputError,
    message: /Column "observation" of .*spoilt\.zarr holds NaN in row 0 of episode 0/,
  })
  const short = join(folder, 'short.zarr')
  await writeReplayBuffer(short, fromEpisodes(toEpisodes(dataset).map((episode) => headOf(episode, 3))))
  const brief = { ...request('brief'), demonstrations: short }
  await t.throwsAsync(collected(trainPlannerRun(brief)), {
    instanceOf: InputError,
    message:
      /of the 2 episodes held out of .*short\.zarr has 3 steps, too few for a window that takes 4; set/,
  })
  for (const { folder } of [nowhere, noDevice, uneven, spoilt, brief]) t.false(existsSync(folder))
})

test.serial('a run of another network is refused with what does not fit', async (t) => {
  const asked = request('wide', { steps: 2 })
  await collected(trainPlannerRun(asked))
  const { checkpoint } = await latestCheckpoint(join(asked.folder, 'checkpoints'))
  t.is(checkpoint?.manifest.step, 2)
  const other = tinyConfig({}, { network: { type: 'mlp', width: 24, blocks: 1, timeEmbedding: 8 } })
  writeFileSync(join(asked.folder, 'config.json'), JSON.stringify(other))
  const { config, ...resumed } = asked
  t.truthy(config)
  await t.throwsAsync(collected(trainPlannerRun(resumed)), {
    instanceOf: InputError,
    message:
      /weights of .*wide.checkpoints.step-00000002 are not for this MLP: "encoder\.0\.weight" is .*; "output\.weight" is \[16,16\] where \[16,24\] belongs; check/,
  })
  t.false(existsSync(join(asked.folder, 'lock.json')))
})

/** A coupling that waits for a figure that every evaluation reaches, or for one that none does. */
const waiting = (threshold: number) => ({
  type: 'after',
  metric: 'reward-max',
  threshold,
  everyMode: false,
  coupling: { type: 'local', cell: 8, pool: 3 },
})

test.serial(
  'a coupling goes to work when an evaluation shows what it waits for, and that survives',
  async (t) => {
    const training = { steps: 8, evaluateEvery: 4, checkpointEvery: 100 }
    const run = request('activated', training, { coupling: waiting(-1e9) })
    const events = await collected(trainPlannerRun(run))
    const [{ step, activation }] = of(events, 'activation')
    t.is(step, 4)
    t.is(of(events, 'activation').length, 1)
    t.is(activation.value, of(events, 'evaluation')[0].evaluation.reward.max.value)
    t.like(activation, { step: 4, metric: 'reward-max', threshold: -1e9, modes: { known: 2 } })
    const active = lines(run.folder).flatMap((line) =>
      'coupling/active' in line ? [[line.step, line['coupling/active']]] : [],
    )
    t.deepEqual(active, [
      [4, 1],
      [8, 1],
    ])

    const never = request('never', training, { coupling: waiting(1e9) })
    t.deepEqual(of(await collected(trainPlannerRun(never)), 'activation'), [])
    const weights = async (folder: string) =>
      (await latestCheckpoint(join(folder, 'checkpoints'))).checkpoint?.tensors.model
    t.notDeepEqual(await weights(run.folder), await weights(never.folder))

    // Stopped after the activation and resumed, it ends the same.
    const stopped = request('stopped', training, { coupling: waiting(-1e9) })
    const controller = new AbortController()
    for await (const event of trainPlannerRun(stopped, controller.signal)) {
      if (event.type === 'step' && event.step === 5) controller.abort()
    }
    const { config: _, ...resumed } = stopped
    t.deepEqual(of(await collected(trainPlannerRun(resumed)), 'activation'), [])
    t.deepEqual(await weights(stopped.folder), await weights(run.folder))
    t.deepEqual(lines(stopped.folder), lines(run.folder))
  },
)

test.serial(
  'a coupling that waits for what will never come is refused before there is a folder',
  async (t) => {
    const refused = async (coupling: object, training: object, message: RegExp) => {
      const run = request('refused-waiting', { evaluateEvery: 4, ...training }, { coupling } as never)
      await t.throwsAsync(collected(trainPlannerRun(run)), { instanceOf: InputError, message })
      t.false(existsSync(run.folder))
    }
    await refused({ ...waiting(1), metric: 'sucess' }, {}, /waits for "sucess".*success/)
    await refused(waiting(1), { evaluateEvery: null }, /evaluateEvery is null/)
    await refused({ type: 'after', coupling: { type: 'local' } }, {}, /either a step or a metric.*neither/)
    await refused({ ...waiting(1), step: 3 }, {}, /not both/)
  },
)
