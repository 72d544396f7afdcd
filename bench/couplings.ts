import Table from 'cli-table3'
import twoWay from '../envs/two-way/index.ts'
import { parseConfig } from '../src/config/parse.ts'
import { plannerSchema } from '../src/config/planner.ts'
import { type Coupling, createCoupling } from '../src/coupling/index.ts'
import { normalRows } from '../src/coupling/normal-rows.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { onnxEngine } from '../src/engine/index.ts'
import { Rng } from '../src/random/rng.ts'
import { createOrder } from '../src/train/batches.ts'
import { denoisingCourse, freshState } from '../src/train/loop.ts'
import { biasCorrections } from '../src/train/optimizer.ts'
import { plannerTask } from '../src/train/planner-task.ts'
import { createPools } from '../src/train/pools.ts'
import { createStepper } from '../src/train/stepper.ts'
import type { TrainingTask } from '../src/train/task.ts'
import { type Comparison, median } from './comparison.ts'
import { THREADS } from './job.ts'
import { runPeer } from './peer.ts'

const NEAREST = [
  {
    figure: 'nearest, planner: 256 × 8 candidates of 16 × 2',
    batch: 256,
    candidates: 8,
    shape: [16, 2],
    repeats: 41,
    aim: '≤ 3 % of a train step',
  },
  {
    figure: 'nearest, latents: 128 × 64 candidates of 4 × 32 × 32',
    batch: 128,
    candidates: 64,
    shape: [4, 32, 32],
    repeats: 3,
    aim: '≥ 0.67',
  },
]

/** Times the choice of the nearest candidates beside PyTorch's randn, norm, argmin and gather. */
export async function nearest(rounds: number): Promise<Comparison[]> {
  const rows: Comparison[] = []
  for (const { figure, aim, ...job } of NEAREST) {
    const { batch, candidates, shape, repeats } = job
    const coupling = createCoupling({ type: 'nearest', candidates })
    const rng = Rng.seeded(0)
    const data = normalRows(
      rng,
      batch,
      shape.reduce((product, size) => product * size, 1),
    )
    const own: number[] = []
    const peer: number[] = []
    for (let round = 0; round < rounds; round++) {
      const times: number[] = []
      for (let repeat = 0; repeat <= repeats; repeat++) {
        const start = performance.now()
        await coupling.couple(data, rng.fork(repeat), { batchSize: batch, step: 0 })
        times.push(performance.now() - start)
      }
      own.push(median(times.slice(1)))
      const beside = await runPeer<{ median: number }>('nearest.py', { ...job, threads: THREADS }, THREADS)
      if (beside) peer.push(beside.median)
    }
    const about = { figure, unit: 'ms', aim, own: median(own) } as const
    if (peer.length < own.length) {
      rows.push({ ...about, peer: null })
      continue
    }
    const ratios = peer.map((time, i) => time / own[i])
    rows.push({
      ...about,
      peer: median(peer),
      ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
    })
  }
  return rows
}

/** Couplings of a planner: what each costs a training step. */
const COUPLINGS = ['nearest', 'assignment', 'sinkhorn', 'local', 'penalised', 'residual']
const BATCH = 256
/** Steps of a turn, at least; a turn is a whole number of the coupling's pools. */
const TURN = 8
/** Pools that are coupled before the clock runs, so that the thread is there and its loops are compiled. */
const WARM = 3
/** Pools whose coupling is timed by itself. */
const ALONE = 5

/** One coupling of a planner's training. */
export interface CouplingRow {
  readonly coupling: string
  /** Processor time of choosing the noise of a step in one thread, ms: median over pools. */
  readonly cpu: number
  /** A step with its noise chosen ahead, and one of `independent` beside it, ms: medians over turns. */
  readonly step: number
  readonly independent: number
  /** How long of it the step waited for its noise, ms. */
  readonly waiting: number
  /** The step over that of `independent` in the turn beside it: median, least and most. */
  readonly relative: { readonly median: number; readonly least: number; readonly most: number }
}

/**
 * Times a planner's training steps (U-Net of 5.4 M, batch 256) with each coupling, its noise chosen ahead, in turns
 * with steps of independent noise; one compiled step serves them all.
 */
export async function run(rounds: number): Promise<CouplingRow[]> {
  const config = parseConfig(
    plannerSchema,
    { environment: 'two-way', training: { batch: BATCH, validationShare: 0 } },
    'bench',
  )
  const demonstrations = collectDemonstrations(twoWay, { count: 300, seed: 0 })
  const { task } = plannerTask(config, twoWay, demonstrations)
  const course = (coupling: Coupling) => denoisingCourse({ ...task, coupling })
  const first = course(createCoupling('independent'))
  const { betas, epsilon, weightDecay, learningRate } = config.training
  const optimizer = { betas, epsilon, weightDecay }
  const stepper = await createStepper(onnxEngine({ threads: THREADS }), first.objective, optimizer, BATCH, 1)
  const { parameters, average, first: mean, second } = freshState(await first.initial(Rng.seeded(0)))
  await stepper.write({ parameters, average, first: mean, second })

  /** Training with a coupling, some steps at a time. */
  const trained = (coupling: Coupling) => {
    const batches = course(coupling).batches(BATCH, 1, Rng.seeded(0), { steps: Number.MAX_SAFE_INTEGER })
    const { poolBatches } = coupling
    let at = 0
    return {
      close: () => batches.close?.(),
      async warm() {
        const until = WARM * Math.max(poolBatches, 8)
        for (; at < until; at += poolBatches) await batches.at(at)
      },
      /** Mean milliseconds of a step, and of the wait for its noise. */
      async turn(steps: number) {
        let waited = 0
        const began = performance.now()
        for (const end = at + steps; at < end; at++) {
          await stepper.steps(
            1,
            async () => {
              const start = performance.now()
              const inputs = await batches.at(at)
              waited += performance.now() - start
              return inputs
            },
            () => ({ learningRate, ...biasCorrections(at + 1, betas), averageDecay: 0.999 }),
          )
        }
        return { step: (performance.now() - began) / steps, waiting: waited / steps }
      },
    }
  }

  const independent = trained(createCoupling('independent'))
  await independent.turn(2)
  const rows: CouplingRow[] = []
  for (const name of COUPLINGS) {
    const coupling = createCoupling(name)
    const cpu = await timeAlone(coupling, task)
    const own = trained(coupling)
    await own.warm()
    const steps = coupling.poolBatches * Math.ceil(TURN / coupling.poolBatches)
    const turns: { step: number; waiting: number; beside: number; ratio: number }[] = []
    for (let round = 0; round < rounds; round++) {
      // Who goes first changes, so that a machine that slows down slows both.
      const before = round % 2 === 0 ? await independent.turn(steps) : undefined
      const { step, waiting } = await own.turn(steps)
      const beside = (before ?? (await independent.turn(steps))).step
      turns.push({ step, waiting, beside, ratio: step / beside })
    }
    await own.close()
    const middle = (key: keyof (typeof turns)[number]) => median(turns.map((turn) => turn[key]))
    const ratios = turns.map(({ ratio }) => ratio)
    rows.push({
      coupling: name,
      cpu,
      step: middle('step'),
      independent: middle('beside'),
      waiting: middle('waiting'),
      relative: { median: middle('ratio'), least: Math.min(...ratios), most: Math.max(...ratios) },
    })
    console.error(`${name}: ${percent(middle('ratio'))}`)
  }
  await stepper.dispose()
  const table = new Table({
    head: ['coupling', 'CPU ms a step', 'step ms', 'independent ms', 'of it waiting', 'more (least – most)'],
  })
  for (const { coupling, cpu, step, independent, waiting, relative } of rows) {
    const { median, least, most } = relative
    table.push([
      coupling,
      ...[cpu, step, independent, waiting].map((value) => value.toFixed(1)),
      `${percent(median)} (${percent(least)} – ${percent(most)})`,
    ])
  }
  console.log(table.toString())
  return rows
}

const percent = (ratio: number) => `${(100 * (ratio - 1)).toFixed(1)} %`

/** Processor time of a step's noise where it is chosen in this thread. */
async function timeAlone(coupling: Coupling, task: TrainingTask): Promise<number> {
  const { poolBatches } = coupling
  const rng = Rng.seeded(1)
  const order = createOrder(task.training, BATCH, rng)
  const pools = createPools({ ...task, coupling }, BATCH, order, rng, { ahead: () => false })
  const times: number[] = []
  for (let index = 0; index < WARM + ALONE; index++) {
    const before = process.cpuUsage()
    const many = Math.ceil(8 / poolBatches)
    for (let pool = 0; pool < many; pool++) await pools.at(index * many + pool)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000 / (many * poolBatches))
  }
  return median(times.slice(WARM))
}
