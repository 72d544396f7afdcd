import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import twoWay from '../envs/two-way/index.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { writeReplayBuffer } from '../src/data/replay-buffer.ts'
import { FailureError } from '../src/errors.ts'
import { median } from './comparison.ts'
import type { Share } from './workers-child.ts'

/** How long the same jobs take in one way of running them. */
export interface WorkersRow {
  readonly way: string
  /** Median over the rounds. */
  readonly seconds: number
  /** Jobs in a second over those of one worker in the same round: median, least and most. */
  readonly throughput: number
  readonly least: number
  readonly most: number
}

const JOBS = 4
const STEPS = 300
const ROUNDS = 3

/** What each program of a way does: how many jobs, on how many workers. */
const WAYS = {
  'one worker': [{ jobs: JOBS, workers: 1 }],
  'two workers': [{ jobs: JOBS, workers: 2 }],
  // What this machine gives to programs that share nothing: no way of running them side by side can be faster.
  'two programs, one worker each': [
    { jobs: JOBS / 2, workers: 1 },
    { jobs: JOBS / 2, workers: 1 },
  ],
} as const
const [ONE] = Object.keys(WAYS)

/**
 * Times a benchmark of small networks with one worker and with two, each on one thread of computing, and beside them
 * two programs of one worker each. The ways take turns, in processes of their own.
 */
export async function run(): Promise<WorkersRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  const demonstrations = join(folder, 'demonstrations.zarr.zip')
  await writeReplayBuffer(demonstrations, collectDemonstrations(twoWay, { count: 100, seed: 0 }))
  const rounds: Record<string, number>[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const taken: Record<string, number> = {}
    for (const [way, programs] of Object.entries(WAYS)) {
      let first = 0
      const shares = programs.map(({ jobs, workers }, i): Share => {
        const seeds = Array.from({ length: jobs }, () => first++)
        return { folder: join(folder, `${round}`, way, `${i}`), demonstrations, seeds, workers, steps: STEPS }
      })
      taken[way] = await seconds(shares)
      console.error(`${way}: ${taken[way].toFixed(1)} s`)
    }
    rounds.push(taken)
  }
  const rows = Object.keys(WAYS).map((way): WorkersRow => {
    const ratios = rounds.map((taken) => taken[ONE] / taken[way])
    return {
      way,
      seconds: median(rounds.map((taken) => taken[way])),
      throughput: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
    }
  })
  const table = new Table({ head: [`${JOBS} jobs of ${STEPS} steps`, 'seconds', 'throughput (least–most)'] })
  for (const { way, seconds, throughput, least, most } of rows) {
    table.push([
      way,
      seconds.toFixed(1),
      `${throughput.toFixed(2)}× (${least.toFixed(2)}–${most.toFixed(2)})`,
    ])
  }
  console.log(table.toString())
  return rows
}

/** Seconds from the start of all shares, each in a program that has everything loaded, to the end of the last. */
async function seconds(shares: readonly Share[]): Promise<number> {
  const file = fileURLToPath(new URL('./workers-child.ts', import.meta.url))
  const programs = shares.map(() => fork(file))
  await Promise.all(programs.map(answer))
  const began = performance.now()
  const done = programs.map(answer)
  programs.forEach((program, i) => {
    program.send(shares[i])
  })
  await Promise.all(done)
  return (performance.now() - began) / 1000
}

/** The next message of a program. @throws FailureError if it ends without one */
async function answer(program: ChildProcess): Promise<void> {
  const ended = once(program, 'exit').then(([code]) => {
    throw new FailureError(`A program of the benchmark of workers ended with code ${code}; see above.`)
  })
  await Promise.race([once(program, 'message'), ended])
  // The end that is awaited no more is no unhandled rejection.
  ended.catch(() => {})
}
