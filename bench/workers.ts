import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import twoWay from '../envs/two-way/index.ts'
import { createJob } from '../src/benchmark/job.ts'
import { runBenchmark } from '../src/benchmark/runner.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { writeReplayBuffer } from '../src/data/replay-buffer.ts'

/** How long the same jobs take with one worker and with two. */
export interface WorkersRow {
  readonly workers: number
  readonly seconds: number
  /** Jobs in a second over those of one worker. */
  readonly throughput: number
}

const JOBS = 4
const STEPS = 600

/** Times a benchmark of small networks with one worker and with two, each on one thread of computing. */
export async function run(): Promise<WorkersRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  const demonstrations = join(folder, 'demonstrations.zarr.zip')
  await writeReplayBuffer(demonstrations, collectDemonstrations(twoWay, { count: 100, seed: 0 }))
  const jobs = Array.from({ length: JOBS }, (_, seed) =>
    createJob('two-way/mlp', 'local', seed, (config) => {
      Object.assign(config.training!, { steps: STEPS, checkpointEvery: STEPS, validateEvery: STEPS })
    }),
  )
  const prepare = async () => ({ environment: twoWay.module, demonstrations })
  const rows: WorkersRow[] = []
  for (const workers of [1, 2]) {
    const began = performance.now()
    await runBenchmark(jobs, { folder: join(folder, `${workers}`), workers, prepare })
    const seconds = (performance.now() - began) / 1000
    rows.push({ workers, seconds, throughput: (rows[0]?.seconds ?? seconds) / seconds })
  }
  const table = new Table({ head: [`${JOBS} jobs of ${STEPS} steps`, 'seconds', 'throughput'] })
  for (const { workers, seconds, throughput } of rows) {
    table.push([`${workers} at a time`, seconds.toFixed(1), `${throughput.toFixed(2)}×`])
  }
  console.log(table.toString())
  return rows
}
