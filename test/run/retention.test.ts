import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkpointPath, checkpointSteps, writeCheckpoint } from '../../src/run/checkpoint.ts'
import { bestCheckpoint, checkpoints, pruneCheckpoints, type Ranking } from '../../src/run/retention.ts'
import { scratch } from '../scratch.ts'

/** Checkpoints at steps 1, 2, … with these values of `score`; null for none. */
async function make(scores: (number | null)[]): Promise<string> {
  const folder = scratch()
  const w = { shape: [1], dtype: 'float32' as const, values: Float32Array.of(1) }
  for (const [i, score] of scores.entries()) {
    const metrics: Record<string, number> = score === null ? {} : { score }
    await writeCheckpoint(folder, { step: i + 1, tensors: { model: { w } }, metrics })
  }
  return folder
}
const damage = (folder: string, step: number) =>
  truncateSync(join(checkpointPath(folder, step), 'model.safetensors'), 5)

test('keeps the newest and the best', async (t) => {
  const folder = await make([0.9, 0.1, null, 0.5, 0.9, 0.2, null])
  const best = { metric: 'score', better: 'higher', count: 2 } as const
  const removed = await pruneCheckpoints(folder, { last: 2, best })
  t.deepEqual(await checkpointSteps(folder), [1, 5, 6, 7])
  t.deepEqual(
    removed,
    [2, 3, 4].map((step) => checkpointPath(folder, step)),
  )
  t.deepEqual(await pruneCheckpoints(folder, { last: 2, best }), [])
  await pruneCheckpoints(folder, { last: 1, best: { ...best, better: 'lower', count: 1 } })
  t.deepEqual(await checkpointSteps(folder), [6, 7])
})

test('never removes the last one that can be resumed from', async (t) => {
  const folder = await make([1, 1, 1])
  damage(folder, 3)
  t.deepEqual(await pruneCheckpoints(folder, { last: 1 }), [])
  t.deepEqual(await pruneCheckpoints(folder, { last: 2 }), [checkpointPath(folder, 1)])
  t.deepEqual(await pruneCheckpoints(folder, { last: 0 }), [])
  t.deepEqual(await checkpointSteps(folder), [2, 3])
})

test('the best checkpoint is a sound one, the newest of equals', async (t) => {
  const folder = await make([0.2, 0.7, 0.7, null])
  const ranking = { metric: 'score', better: 'higher' } as const
  const best = async (others: Partial<Ranking> = {}) => {
    const { best, skipped } = await bestCheckpoint(folder, { ...ranking, ...others })
    return [best?.manifest.step, skipped.map(({ reason }) => /step-0*(\d+) is damaged/.exec(reason)![1])]
  }
  t.deepEqual(await best(), [3, []])
  damage(folder, 3)
  t.deepEqual(await best(), [2, ['3']], 'a damaged one that is better is reported')
  t.deepEqual(await best({ better: 'lower' }), [1, []])
  t.deepEqual(await best({ metric: 'other' }), [undefined, []])
  t.deepEqual(
    (await checkpoints(folder)).map(({ manifest }) => manifest.step),
    [1, 2, 3, 4],
  )
  truncateSync(join(checkpointPath(folder, 4), 'manifest.json'), 5)
  t.deepEqual(await best(), [2, ['4', '3']], 'how good one without figures was, nobody knows')
})
