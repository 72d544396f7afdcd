import twoWay from '../../envs/two-way/index.ts'
import { createJob, type Job } from '../../src/benchmark/job.ts'
import type { BenchmarkOptions } from '../../src/benchmark/runner.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn } from '../train/tiny.ts'

/** Settings under which a job takes a second; as `--set` takes them. */
export const TINY = [
  'network.width=8',
  'network.blocks=1',
  'training.steps=8',
  'training.checkpointEvery=4',
  'training.batch=8',
  'training.warmup=2',
  'evaluation.episodes=4',
]

/** A job of `two-way/mlp` with {@link TINY}. */
export function tinyJob(arm: string, seed: number, steps = 8): Job {
  return createJob('two-way/mlp', arm, seed, (config) => {
    Object.assign(config.network!, { width: 8, blocks: 1 })
    Object.assign(config.training!, { steps, checkpointEvery: 4, batch: 8, warmup: 2, validateEvery: 4 })
    Object.assign(config.evaluation!, { episodes: 4 })
  })
}

/** Gives every job the same few demonstrations. */
export async function tinyPreparation(): Promise<BenchmarkOptions['prepare']> {
  const demonstrations = await demonstrationsIn(scratch())
  return async () => ({ environment: twoWay.module, demonstrations })
}
