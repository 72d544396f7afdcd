import { join } from 'node:path'
import test from 'ava'
import { loadEnvironment } from '../../envs/index.ts'
import { preset } from '../../src/config/presets.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import { writeReplayBuffer } from '../../src/data/replay-buffer.ts'
import type { Evaluation } from '../../src/evaluate/summarize.ts'
import { trainPlannerRun } from '../../src/train/planner-run.ts'
import { scratch } from '../scratch.ts'

test('what npm start trains succeeds in 90 % of the episodes and shows every mode', async (t) => {
  const config = preset('start')
  const environment = await loadEnvironment(config.environment)
  const folder = scratch()
  const demonstrations = join(folder, 'demonstrations.zarr.zip')
  await writeReplayBuffer(demonstrations, collectDemonstrations(environment, config.demonstrations))
  const request = {
    folder: join(folder, 'run'),
    config: { ...config, evaluation: { ...config.evaluation, episodes: 100 } },
    environment: environment.module,
    demonstrations,
  }
  let last: Evaluation | undefined
  for await (const event of trainPlannerRun(request)) if (event.type === 'evaluation') last = event.evaluation
  t.true((last?.success.value ?? 0) >= 0.9, JSON.stringify(last?.success))
  t.is(last?.modes?.seen, last?.modes?.names.length)
})
