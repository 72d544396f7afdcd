import Table from 'cli-table3'
import twoWay from '../envs/two-way/index.ts'
import { parseConfig } from '../src/config/parse.ts'
import { plannerSchema } from '../src/config/planner.ts'
import { createCoupling } from '../src/coupling/index.ts'
import { normalRows } from '../src/coupling/normal-rows.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { onnxEngine } from '../src/engine/index.ts'
import { Rng } from '../src/random/rng.ts'
import { train } from '../src/train/loop.ts'
import { plannerTask } from '../src/train/planner-task.ts'
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
const COUPLINGS = ['independent', 'nearest', 'assignment', 'sinkhorn', 'local', 'penalised', 'residual']
const BATCH = 256
/** Steps that are timed: the pools of all couplings divide them. The pools before them start the thread. */
const STEPS = 32

/** One coupling: milliseconds of a step, coupling included, and of the wait for its noise. */
export interface CouplingRow {
  readonly coupling: string
  readonly step: number
  readonly waiting: number
  /** Over the step of `independent`. */
  readonly relative: number
}

/** Times a planner's training steps (U-Net of 5.4 M, batch 256) with each coupling, its noise chosen ahead. */
export async function run(names: readonly string[] = COUPLINGS): Promise<CouplingRow[]> {
  const config = parseConfig(
    plannerSchema,
    {
      environment: 'two-way',
      training: {
        batch: BATCH,
        steps: 100_000,
        diagnoseEvery: null,
        validateEvery: 100_000,
        validationShare: 0,
      },
    },
    'bench',
  )
  const demonstrations = collectDemonstrations(twoWay, { count: 300, seed: 0 })
  const { task } = plannerTask(config, twoWay, demonstrations)
  const rows: CouplingRow[] = []
  for (const name of names) {
    const coupling = createCoupling(name)
    // The first pool is coupled here and starts the thread, which couples the second meanwhile.
    const before = coupling.poolBatches * Math.ceil(8 / coupling.poolBatches)
    const times: number[] = []
    const waits: number[] = []
    const engine = onnxEngine({ threads: THREADS })
    let last = performance.now()
    for await (const event of train({ ...task, coupling }, config.training, engine, { seed: 0 })) {
      if (event.type !== 'step') continue
      const now = performance.now()
      if (event.step > before) {
        times.push(now - last)
        waits.push(event.milliseconds.batch)
      }
      last = now
      if (times.length === STEPS) break
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const step = mean(times)
    rows.push({ coupling: name, step, waiting: mean(waits), relative: step / (rows[0]?.step ?? step) })
    console.error(`${name}: ${step.toFixed(1)} ms a step`)
  }
  const table = new Table({ head: ['coupling', 'step ms', 'of it waiting', 'over independent'] })
  for (const { coupling, step, waiting, relative } of rows) {
    table.push([coupling, step.toFixed(1), waiting.toFixed(1), `${(100 * (relative - 1)).toFixed(1)} %`])
  }
  console.log(table.toString())
  return rows
}
