import twoWay from '../envs/two-way/index.ts'
import { createJob } from '../src/benchmark/job.ts'
import { runBenchmark } from '../src/benchmark/runner.ts'

/** Jobs that one program runs. */
export interface Share {
  readonly folder: string
  /** Path of a replay buffer. */
  readonly demonstrations: string
  readonly seeds: readonly number[]
  readonly workers: number
  readonly steps: number
}

/** Says that it is ready, runs the share that it is sent, and says that it is done. */
process.once('message', async ({ folder, demonstrations, seeds, workers, steps }: Share) => {
  const jobs = seeds.map((seed) =>
    createJob('two-way/mlp', 'local', seed, (config) => {
      Object.assign(config.training!, { steps, checkpointEvery: steps, validateEvery: steps })
      Object.assign(config.evaluation!, { episodes: 50 })
    }),
  )
  const prepare = async () => ({ environment: twoWay.module, demonstrations })
  await runBenchmark(jobs, { folder, workers, prepare })
  process.send!('done', () => process.exit())
})
process.send!('ready')
