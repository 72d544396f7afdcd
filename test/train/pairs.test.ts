import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { Rng } from '../../src/random/rng.ts'
import { createBatches } from '../../src/train/batches.ts'
import { plannerTask } from '../../src/train/planner-task.ts'
import { demonstrations, tinyConfig } from './tiny.ts'

const task = (mirror: 'none' | 'add' | 'pairs') =>
  plannerTask(tinyConfig({}, { demonstrations: { mirror } }), twoWay, demonstrations).task

test('mirror images double the samples', (t) => {
  const plain = task('none').training
  t.is(task('add').training.data.rows, 2 * plain.data.rows)
  t.is(task('add').training.pairs, undefined)
  t.is(task('pairs').training.pairs?.length, 2 * plain.data.rows)
})

test('each sample stands beside its mirror image, and an epoch holds each pair once', async (t) => {
  const made = task('pairs')
  const batches = createBatches(made, 8, Rng.seeded(0))
  const columns = made.training.data.columns
  const seen = new Set<string>()
  const count = made.training.data.rows
  for (let step = 0; step < Math.floor(count / 8); step++) {
    const { values } = (await batches.at(step)).data as HostTensor
    for (let pair = 0; pair < 4; pair++) {
      const one = values.slice(2 * pair * columns, (2 * pair + 1) * columns) as Float32Array
      const other = values.slice((2 * pair + 1) * columns, (2 * pair + 2) * columns) as Float32Array
      // Mirrored data are symmetric, so their normalizers are, and x changes its sign.
      one.forEach((value, i) => {
        t.true(Math.abs(value - (i % 2 === 0 ? -1 : 1) * other[i]) < 1e-5)
      })
      t.false(seen.has(one.join()))
      seen.add(one.join())
    }
  }
})

test('an odd batch cannot hold pairs', (t) => {
  t.throws(() => createBatches(task('pairs'), 7, Rng.seeded(0)), { name: 'InputError', message: /even/ })
})
