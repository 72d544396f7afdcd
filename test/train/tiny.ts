import { join } from 'node:path'
import twoWay from '../../envs/two-way/index.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { type PlannerConfig, type PlannerInput, plannerSchema } from '../../src/config/planner.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { writeReplayBuffer } from '../../src/data/replay-buffer.ts'

/** A few demonstrations of two-way. */
export const demonstrations: Dataset = collectDemonstrations(twoWay, { count: 8, seed: 0 })

/** Writes {@link demonstrations}. @returns the replay buffer's path */
export async function demonstrationsIn(folder: string): Promise<string> {
  const path = join(folder, 'demonstrations.zarr.zip')
  await writeReplayBuffer(path, demonstrations)
  return path
}

/** The smallest planner that has every part; written as a config file would be. */
export function tinyInput(
  training: PlannerInput['training'] = {},
  others: Partial<PlannerInput> = {},
): PlannerInput {
  return {
    environment: 'two-way',
    seed: 3,
    policy: { observe: 2, plan: 8, act: 4 },
    network: { type: 'mlp', width: 16, blocks: 1, timeEmbedding: 8 },
    sampler: { type: 'euler', steps: 2 },
    coupling: { type: 'independent' },
    training: {
      steps: 12,
      batch: 8,
      learningRate: 1e-2,
      warmup: 4,
      logEvery: 5,
      validateEvery: 6,
      checkpointEvery: 4,
      validationShare: 0.25,
      ...training,
    },
    evaluation: { episodes: 4 },
    engine: { threads: 1 },
    ...others,
  }
}

/** {@link tinyInput} with its defaults filled in. */
export function tinyConfig(...input: Parameters<typeof tinyInput>): PlannerConfig {
  return parseConfig(plannerSchema, tinyInput(...input), 'tiny')
}
