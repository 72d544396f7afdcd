import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { TrainingSettings } from '../../src/config/training.ts'
import { createCoupling } from '../../src/coupling/index.ts'
import { createEngine, onnxEngine } from '../../src/engine/index.ts'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { DivergenceError, InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import type { Rows } from '../../src/rows.ts'
import { createBatches } from '../../src/train/batches.ts'
import type { CouplingFigures } from '../../src/train/coupling-figures.ts'
import type { TrainEvent, TrainingState } from '../../src/train/events.ts'
import { denoisingCourse, type TrainOptions, train } from '../../src/train/loop.ts'
import { plannerTask } from '../../src/train/planner-task.ts'
import type { RowSource, TrainingTask } from '../../src/train/task.ts'
import { demonstrations, tinyConfig } from './tiny.ts'

const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })

const taskWith = (coupling: string): TrainingTask => ({
  ...plannerTask(tinyConfig(), twoWay, demonstrations).task,
  coupling: createCoupling(coupling),
})

/** All events of a training, without what depends on the clock. */
async function events(
  task: TrainingTask,
  training: Partial<TrainingSettings> = {},
  options: Partial<TrainOptions> = {},
  onEvent: (event: TrainEvent) => unknown = () => undefined,
  on = engine,
): Promise<object[]> {
  const all: object[] = []
  const settings = { ...tinyConfig().training, ...training }
  for await (const event of train(task, settings, on, { seed: 3, ...options })) {
    if (event.type === 'step') {
      const { snapshot, report, milliseconds, ...rest } = event
      all.push({ ...rest, measured: Object.keys(milliseconds) })
    } else all.push(event)
    await onEvent(event)
  }
  return all
}

const ofType = (all: object[], type: TrainEvent['type']) =>
  all.filter((event) => (event as TrainEvent).type === type) as (TrainEvent & {
    step: number
    loss: number
  })[]

test.serial('events depend on the seed, and on nothing else', async (t) => {
  const task = taskWith('local:cell=4,pool=2')
  const first = await events(task)
  t.deepEqual(await events(taskWith('local:cell=4,pool=2')), first)
  const other = await events(task, {}, { seed: 4 })
  t.notDeepEqual(
    ofType(other, 'step').map(({ loss }) => loss),
    ofType(first, 'step').map(({ loss }) => loss),
  )
})

test.serial('events come at their steps, and at the last one', async (t) => {
  const all = await events(taskWith('independent'), { steps: 7, logEvery: 3, validateEvery: 4 })
  const steps = (type: TrainEvent['type']) => ofType(all, type).map(({ step }) => step)
  t.deepEqual(steps('step'), [1, 2, 3, 4, 5, 6, 7])
  t.deepEqual(steps('metrics'), [3, 6, 7])
  t.deepEqual(steps('validation'), [4, 7])
  t.deepEqual(steps('warning'), [])
  // A line of metrics is the mean since the line before.
  const losses = ofType(all, 'step').map(({ loss }) => loss)
  const means = ofType(all, 'metrics').map(({ loss }) => loss)
  t.deepEqual(means, [
    (losses[0] + losses[1] + losses[2]) / 3,
    (losses[3] + losses[4] + losses[5]) / 3,
    losses[6],
  ])
})

test.serial('training goes on from a snapshot as if it had never stopped', async (t) => {
  // A pool of three batches: the snapshot falls into its middle; lines of metrics do too.
  const task = taskWith('local:cell=4,pool=3')
  let from: TrainingState | undefined
  const all = await events(task, {}, {}, async (event) => {
    if (event.type === 'step' && event.step === 7) from = await event.snapshot()
  })
  t.is(from?.step, 7)
  t.is(from?.pending.steps, 2)
  const rest = await events(task, {}, { from })
  const seventh = all.indexOf(ofType(all, 'step')[6])
  t.deepEqual(rest, all.slice(seventh + 1))
})

test.serial('steps taken at once are those taken one by one, whenever the state is asked for', async (t) => {
  const kept = async (coupling: string, asked: readonly number[], on = engine) => {
    const states: TrainingState[] = []
    const onEvent = async (event: TrainEvent) => {
      if (event.type !== 'step' || !asked.includes(event.step)) return
      if (event.step === 5) event.report({ step: 5, metrics: { success: 1 } })
      states.push(await event.snapshot())
    }
    return { all: await events(taskWith(coupling), {}, {}, onEvent, on), states }
  }
  const grouped = () => onnxEngine({ threads: 1, group: 5 })
  // Validation cuts the groups after step 6; the states asked for fall on ends of groups and amid them.
  const asked = [2, 3, 5, 8, 11, 12]
  const one = await kept('local:cell=4,pool=3', asked)
  t.deepEqual(await kept('local:cell=4,pool=3', asked, grouped()), one)
  t.deepEqual((await kept('local:cell=4,pool=3', [], grouped())).all, one.all)
  const waiting = 'after:metric=success,threshold=0.5,coupling=assignment'
  t.deepEqual(await kept(waiting, asked, grouped()), await kept(waiting, asked))
  const controller = new AbortController()
  const stopped = await events(
    taskWith('local:cell=4,pool=3'),
    {},
    { signal: controller.signal },
    ({ type, ...event }) => type === 'step' && 'step' in event && event.step === 8 && controller.abort(),
    grouped(),
  )
  t.deepEqual(stopped, one.all.slice(0, stopped.length))
  t.is(ofType(stopped, 'step').at(-1)?.step, 8)
})

test.serial('a snapshot is a copy that later steps leave alone', async (t) => {
  let from: TrainingState | undefined
  let then: Float32Array | undefined
  await events(taskWith('independent'), { steps: 5 }, {}, async (event) => {
    if (event.type !== 'step' || event.step !== 2) return
    from = await event.snapshot()
    then = (Object.values(from.parameters)[0].values as Float32Array).slice()
  })
  t.deepEqual(Object.values(from!.parameters)[0].values, then!)
})

test.serial('a stop ends training after the step under way', async (t) => {
  const controller = new AbortController()
  const all = await events(taskWith('independent'), {}, { signal: controller.signal }, (event) => {
    if (event.type === 'step' && event.step === 3) controller.abort()
  })
  t.is(ofType(all, 'step').at(-1)?.step, 3)
})

test.serial('a stop that comes while a step is taken lets it be reported', async (t) => {
  const controller = new AbortController()
  let runs = 0
  const stopping: typeof engine = {
    ...engine,
    async compileStep(...step) {
      const compiled = await engine.compileStep(...step)
      const run: typeof compiled.run = (inputs) => {
        if (++runs === 3) controller.abort()
        return compiled.run(inputs)
      }
      return { ...compiled, run }
    },
  }
  const all = await events(taskWith('independent'), {}, { signal: controller.signal }, undefined, stopping)
  t.is(ofType(all, 'step').at(-1)?.step, 3)
})

test.serial('validation compares couplings: its noise is independent whatever training uses', async (t) => {
  // The learning rate warms up from 0, so that step 1 leaves the first weights as they are.
  const results = []
  for (const coupling of ['independent', 'local:cell=8,pool=2', 'assignment:batches=4']) {
    const all = await events(taskWith(coupling), { steps: 1, warmup: 10 })
    results.push({ validation: ofType(all, 'validation')[0].loss, training: ofType(all, 'step')[0].loss })
  }
  t.is(results[1].validation, results[0].validation)
  t.is(results[2].validation, results[0].validation)
  t.not(results[1].training, results[0].training)
  t.not(results[2].training, results[0].training)
})

test.serial('a coupling that ignores the observation is warned of, with what to use instead', async (t) => {
  const blind = await events(taskWith('assignment'), { steps: 1 })
  const [warning] = ofType(blind, 'warning') as unknown as { message: string }[]
  t.regex(warning.message, /assignment.*ignores the observation.*"local"/)
  t.deepEqual(ofType(await events(taskWith('local:cell=8,pool=2'), { steps: 1 }), 'warning'), [])
  const { training, ...task } = taskWith('assignment')
  const classes = { ...task, training: { ...training, labels: new Int32Array(training.data.rows) } }
  t.regex(denoisingCourse(classes).warnings!.join(), /assignment.*ignores the class.*"grouped"/)
})

test.serial('training that diverges stops with the step and a cure, after sound snapshots', async (t) => {
  let sound: TrainingState | undefined
  const error = await t.throwsAsync(
    events(taskWith('independent'), { learningRate: 1e30, warmup: 2 }, {}, async (event) => {
      if (event.type === 'step' && event.step === 1) sound = await event.snapshot()
    }),
    { instanceOf: DivergenceError },
  )
  t.regex(error!.message, /diverged at step \d+: .*training\.learningRate/)
  for (const { values } of Object.values(sound!.parameters))
    t.true((values as Float32Array).every(Number.isFinite))
  // Step 1 is sound whatever comes later: its rate is 0.
  t.true(Object.values(sound!.parameters).some(({ values }) => (values as Float32Array).some((v) => v !== 0)))
})

test.serial('data that are not numbers do not train', async (t) => {
  const task = taskWith('independent')
  const data = task.training.data as Rows
  const values = data.values.slice().fill(Number.NaN, 0, data.columns * data.rows)
  const spoilt = { ...task, training: { ...task.training, data: { ...data, values } } }
  await t.throwsAsync(events(spoilt), { message: /NaN|finite/ })
})

test('drawing pools ahead does not change the order of samples, nor their times', async (t) => {
  const served = async (coupling: string, steps: readonly number[]) => {
    const batches = createBatches(taskWith(coupling), 8, Rng.seeded(5))
    const all: Record<number, unknown> = {}
    for (const step of steps) {
      const { data, condition, time } = (await batches.at(step)) as Record<string, HostTensor>
      all[step] = [data, condition, time].map(({ values }) => Array.from(values as Float32Array))
    }
    return all
  }
  const steps = Array.from({ length: 41 }, (_, step) => step)
  const alone = await served('independent', steps)
  t.deepEqual(await served('local:cell=4,pool=3', steps), alone)
  t.deepEqual(await served('assignment:batches=7', steps), alone)
  t.deepEqual(await served('local:cell=4,pool=3', [40, 4, 5, 0]), {
    0: alone[0],
    4: alone[4],
    5: alone[5],
    40: alone[40],
  })
})

test('the noise of a step depends on its pool alone, wherever training starts', async (t) => {
  const noise = async (steps: readonly number[]) => {
    const batches = createBatches(taskWith('local:cell=4,pool=3'), 8, Rng.seeded(5))
    let last: Record<string, HostTensor> = {}
    for (const step of steps) last = (await batches.at(step)) as Record<string, HostTensor>
    return Array.from(last.noise.values as Float32Array)
  }
  t.deepEqual(await noise([4]), await noise([0, 1, 2, 3, 4]))
  t.notDeepEqual(await noise([4]), await noise([3]))
  t.notDeepEqual(await noise([4]), await noise([1]))
})

test.serial('a batch cut into parts learns the same', async (t) => {
  const all = async (accumulate: number) => {
    let state: TrainingState | undefined
    const found = await events(
      taskWith('assignment'),
      { accumulate, steps: 5, clip: 1 },
      {},
      async (event) => {
        if (event.type === 'step' && event.step === 5) state = await event.snapshot()
      },
    )
    return { found: ofType(found, 'step'), parameters: state!.parameters }
  }
  const [whole, parts] = [await all(1), await all(4)]
  whole.found.forEach(({ loss }, i) => {
    t.true(Math.abs(parts.found[i].loss - loss) < 1e-5 * loss, `${parts.found[i].loss} for ${loss}`)
  })
  for (const [name, { values }] of Object.entries(whole.parameters)) {
    const others = parts.parameters[name].values
    const apart = Math.max(...Array.from(values, (x, i) => Math.abs(x - others[i])))
    t.true(apart < 2e-4, `${name}: ${apart}`)
  }
  await t.throwsAsync(events(taskWith('independent'), { accumulate: 3 }), {
    instanceOf: InputError,
    message: /training.batch is 8, .* training.accumulate = 3/,
  })
})

test.serial('a training that is cut into parts resumes with the same events', async (t) => {
  let state: TrainingState | undefined
  const settings = { accumulate: 2, steps: 8, logEvery: 3 }
  const whole = await events(taskWith('nearest'), settings, {}, async (event) => {
    if (event.type === 'step' && event.step === 4) state = await event.snapshot()
  })
  const rest = await events(taskWith('nearest'), settings, { from: state })
  t.deepEqual(ofType(rest, 'step'), ofType(whole, 'step').slice(4))
  t.deepEqual(
    ofType(rest, 'validation'),
    ofType(whole, 'validation').slice(-ofType(rest, 'validation').length),
  )
})

test('samples that are looked up are served as those in memory are', async (t) => {
  const task = taskWith('nearest')
  const asked = (source: Rows): RowSource => ({
    rows: source.rows,
    columns: source.columns,
    gather: async (indices, out) => {
      Array.from(indices, (index, i) =>
        out.set(
          source.values.subarray(index * source.columns, (index + 1) * source.columns),
          i * source.columns,
        ),
      )
    },
  })
  const { data, condition } = task.training as { data: Rows; condition: Rows }
  const lookedUp = { ...task, training: { data: asked(data), condition: asked(condition) } }
  const [here, there] = [task, lookedUp].map((each) => createBatches(each, 8, Rng.seeded(5), 2))
  for (const step of [0, 7]) {
    for (const part of [1, 0]) t.deepEqual(await there.at(step, part), await here.at(step, part))
  }
})

test('the noise of each channel may be shifted, and conditions left out', async (t) => {
  const task = taskWith('independent')
  const empty = new Float32Array(task.network.condition).fill(7)
  const at = async (more: Partial<TrainingTask>, parts = 1) => {
    const batches = createBatches({ ...task, ...more }, 8, Rng.seeded(5), parts)
    const inputs: Record<string, HostTensor>[] = []
    for (let part = 0; part < parts; part++) {
      inputs.push((await batches.at(3, part)) as Record<string, HostTensor>)
    }
    const all = (name: string) => inputs.flatMap((input) => [...input[name].values])
    return { noise: all('noise'), condition: all('condition') }
  }
  const plain = await at({})
  const offset = await at({ noiseOffset: 0.1 })
  const { horizon, channels } = task.network
  const differences = offset.noise.map((value, i) => value - plain.noise[i])
  for (let sample = 0; sample < 8; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const own = Array.from(
        { length: horizon },
        (_, time) => differences[(sample * horizon + time) * channels + channel],
      )
      t.true(own.every((value) => Math.abs(value - own[0]) < 1e-6))
      t.true(own[0] !== 0 && Math.abs(own[0]) < 0.5)
    }
  }
  const dropped = await at({ conditionDropout: { share: 0.5, empty } })
  const rowsOf = (values: number[]) =>
    Array.from({ length: 8 }, (_, i) => values.slice(i * empty.length, (i + 1) * empty.length))
  const left = rowsOf(dropped.condition).filter((row) => row.every((value) => value === 7)).length
  t.true(left > 0 && left < 8)
  t.deepEqual(dropped.noise, plain.noise)
  rowsOf(dropped.condition).forEach((row, i) => {
    if (row[0] !== 7) t.deepEqual(row, rowsOf(plain.condition)[i])
  })
  t.deepEqual(await at({ noiseOffset: 0.1, conditionDropout: { share: 0.5, empty } }, 4), {
    noise: offset.noise,
    condition: dropped.condition,
  })
})

test('noise that another thread chooses ahead is the same, before and after an activation', async (t) => {
  const task = taskWith('after:metric=success,coupling=local:cell=4,pool=3')
  const served = async (ahead: boolean) => {
    const batches = createBatches(task, 8, Rng.seeded(5), 1, { steps: 14, ahead: () => ahead })
    const all: number[][] = []
    // Seen at step 7, in the middle of a pool whose successor is being coupled already.
    for (let step = 0; step < 14; step++) {
      const { noise } = (await batches.at(step, 0, step >= 7 ? 7 : undefined)) as Record<string, HostTensor>
      all.push([...(noise.values as Float32Array)])
    }
    await batches.close?.()
    return all
  }
  const alone = await served(false)
  t.deepEqual(await served(true), alone)
  const plain = createBatches(taskWith('independent'), 8, Rng.seeded(5))
  // A pool of three batches has one stream; of the second pool nothing may have changed by step 7.
  const { noise } = (await plain.at(0)) as Record<string, HostTensor>
  t.deepEqual(alone[0], [...(noise.values as Float32Array)])
  const waiting = createBatches(task, 8, Rng.seeded(5))
  const still = async (step: number) => [
    ...((await waiting.at(step)) as Record<string, HostTensor>).noise.values,
  ]
  t.deepEqual(alone[8], await still(8))
  t.notDeepEqual(alone[9], await still(9))
})

test('what is wrong with a coupling reaches the trainer from another thread too', async (t) => {
  const { training, ...others } = taskWith('grouped:batches=1')
  const labels = new Int32Array(training.data.rows)
  const batches = createBatches({ ...others, training: { ...training, labels } }, 8, Rng.seeded(5), 1, {
    steps: 1000,
    ahead: () => true,
  })
  await batches.at(0)
  labels.fill(0)
  const { values } = training.data as Rows
  const kept = values.slice()
  values.fill(NaN)
  await batches.at(1)
  await t.throwsAsync(batches.at(2), { instanceOf: InputError, message: /grouped.* got NaN in its data/ })
  values.set(kept)
  await batches.close?.()
})

test.serial('figures of the coupling come when asked for, wherever training starts', async (t) => {
  const task = taskWith('assignment')
  const snapshots: TrainingState[] = []
  const all = await events(task, { diagnoseEvery: 4 }, {}, async (event) => {
    if (event.type === 'step' && event.step === 5) snapshots.push(await event.snapshot())
  })
  const figures = ofType(all, 'coupling')
  t.deepEqual(
    figures.map(({ step }) => step),
    [4, 8, 12],
  )
  for (const { distance, normEnergy, probe } of figures as unknown as CouplingFigures[]) {
    t.true(distance < 0.98 && Math.abs(normEnergy - 1) < 0.03)
    t.true(probe!.value > probe!.limit + 0.05, JSON.stringify(probe))
  }
  const resumed = await events(task, { diagnoseEvery: 4 }, { from: snapshots[0] })
  t.deepEqual(ofType(resumed, 'coupling'), figures.slice(1))
})
