import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import twoWay from '../envs/two-way/index.ts'
import { createOutput } from '../src/cli/output.ts'
import { viewTraining } from '../src/cli/view/train-view.ts'
import { parseConfig } from '../src/config/parse.ts'
import { type PlannerConfig, plannerSchema } from '../src/config/planner.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { writeReplayBuffer } from '../src/data/replay-buffer.ts'
import { trainPlannerInThread } from '../src/train/run-thread.ts'
import { median } from './comparison.ts'
import { printRows, type ViewerRow } from './viewer-row.ts'

/** Pairs of runs, and those who watch one of each pair; the first of them never reads. */
const ROUNDS = 6
const CLIENTS = 50
const STEPS = 300
/** Steps before the clock starts: compilation and the caches' warming up. */
const WARM_UP = 50

/** Training with nobody watching beside training that 50 clients watch, in pairs that take turns at going first. */
export async function run(): Promise<ViewerRow[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'viewer-bench-'))
  const demonstrations = join(scratch, 'demonstrations.zarr.zip')
  await writeReplayBuffer(demonstrations, collectDemonstrations(twoWay, { count: 100, seed: 0 }))
  const config = parseConfig(
    plannerSchema,
    {
      environment: 'two-way',
      network: { type: 'temporal-unet', widths: [32, 64], timeEmbedding: 64 },
      training: { steps: STEPS, batch: 64, logEvery: 5, evaluateEvery: null, checkpointEvery: 100 },
      engine: { threads: 1 },
    },
    'bench',
  )
  const alone: number[] = []
  const watched: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const seen of round % 2 === 0 ? [false, true] : [true, false]) {
      const folder = join(scratch, `${round}-${seen}`)
      const time = await stepTime(folder, config, demonstrations, seen)
      if (seen) watched.push(time)
      else alone.push(time)
    }
  }
  const ratios = alone.map((time, round) => time / watched[round])
  const ms = (times: readonly number[]) => `${median(times).toFixed(2)} ms`
  const share = (value: number) => value.toFixed(3)
  const rows = [
    { figure: 'a training step, alone', value: ms(alone), aim: '' },
    { figure: `a training step, ${CLIENTS} clients, one stalled`, value: ms(watched), aim: '' },
    {
      figure: `throughput watched / alone, median of ${ROUNDS} pairs (least–most)`,
      value: `${share(median(ratios))} (${share(Math.min(...ratios))}–${share(Math.max(...ratios))})`,
      aim: '≥ 0.97',
    },
  ]
  printRows(rows)
  return rows
}

/** Milliseconds of a training step, in the mean. */
async function stepTime(
  folder: string,
  config: PlannerConfig,
  demonstrations: string,
  seen: boolean,
): Promise<number> {
  let url = ''
  const output = {
    ...createOutput(true),
    say() {},
    record: (value: object) => (url ||= (value as { url?: string }).url ?? ''),
  }
  const loadEnvironment = async () => twoWay
  const viewing = seen ? await viewTraining({ folder, loadEnvironment, output, port: 0 }) : undefined
  const watchers = viewing ? await watch(url) : undefined
  let [first, last] = [0, 0]
  const request = { folder, config, environment: twoWay.module, demonstrations }
  for await (const event of trainPlannerInThread(request)) {
    viewing?.onEvent(event)
    if (event.type !== 'step') continue
    if (event.step === WARM_UP) first = performance.now()
    last = performance.now()
  }
  watchers?.kill()
  await viewing?.stay(AbortSignal.abort())
  return (last - first) / (STEPS - WARM_UP)
}

/** Clients in a process of their own; the first stops reading at once. */
async function watch(url: string): Promise<ChildProcess> {
  const code = `
    import { WebSocket } from 'ws'
    const url = ${JSON.stringify(url.replace('http', 'ws'))} + 'stream'
    let open = 0
    for (let i = 0; i < ${CLIENTS}; i++) {
      const socket = new WebSocket(url)
      socket.on('open', () => { if (i === 0) socket.pause(); if (++open === ${CLIENTS}) console.log('open') })
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
