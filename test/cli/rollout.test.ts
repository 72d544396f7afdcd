import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { chooseCheckpoint } from '../../src/cli/rollout.ts'
import { checkpointPath, writeCheckpoint } from '../../src/run/checkpoint.ts'
import { createRun } from '../../src/run/run-folder.ts'
import { scratch } from '../scratch.ts'

test('which checkpoint is used is told where it is not the one that was asked for', async (t) => {
  const run = await createRun(join(scratch(), 'run'), {})
  const w = { shape: [1], dtype: 'float32' as const, values: Float32Array.of(1) }
  for (const [step, score] of [undefined, 2, 3, 1, undefined].entries()) {
    const metrics: Record<string, number> = score === undefined ? {} : { score }
    await writeCheckpoint(run.checkpoints, { step, tensors: { average: { w } }, metrics })
  }
  const best = async (metric = 'score') => {
    const warnings: string[] = []
    const output = { warn: (text: string) => warnings.push(text) }
    const { manifest } = await chooseCheckpoint(run, 'best', output, { metric, better: 'higher' })
    return [manifest.step, ...warnings.map((text) => text.replace(/^The .*step-0+/, '').replace(/:.*/, ''))]
  }
  const damage = (step: number) =>
    truncateSync(join(checkpointPath(run.checkpoints, step), 'average.safetensors'), 5)
  t.deepEqual(await best(), [2])
  const unevaluated = 'no checkpoint of this run was evaluated while training; the newest one is used'
  t.deepEqual(await best('other'), [4, unevaluated])
  damage(2)
  t.deepEqual(await best(), [1, '2 is damaged', 'the best of the others is used, of step 1'])
  damage(1)
  damage(3)
  t.deepEqual(await best(), [
    4,
    '2 is damaged',
    '1 is damaged',
    '3 is damaged',
    'no checkpoint that was evaluated while training is whole; the newest whole one is used',
  ])
  await run.release()
})
