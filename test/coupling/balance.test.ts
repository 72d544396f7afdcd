import test from 'ava'
import { createBalance } from '../../src/coupling/balance.ts'
import { createCoupling, probeCondition } from '../../src/coupling/index.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { Rng } from '../../src/random/rng.ts'
import { rows, zeroRows } from '../../src/rows.ts'
import { sortedRows } from './toy.ts'

const POOL = 2048
const WIDTH = 6
const COLUMNS = 8

/** Samples that follow their conditions linearly, with as much of their own. */
function trend(seed: number) {
  const rng = Rng.seeded(seed)
  const condition = normalRows(rng, POOL, WIDTH)
  const slopes = normalRows(rng, WIDTH, COLUMNS).values
  const data = normalRows(rng, POOL, COLUMNS)
  for (let i = 0; i < POOL; i++) {
    for (let c = 0; c < WIDTH; c++) {
      for (let k = 0; k < COLUMNS; k++) {
        data.values[i * COLUMNS + k] += condition.values[i * WIDTH + c] * slopes[c * COLUMNS + k]
      }
    }
  }
  return { data, context: { condition, batchSize: 64, step: 0 } }
}

test('cells that make up for each other leave nothing of a trend for the probe, and keep the noise', async (t) => {
  const { data, context } = trend(1)
  const noiseOf = (config: string) => createCoupling(config).couple(data, Rng.seeded(2), context)
  const over = async (config: string) => {
    const { linear } = probeCondition(await noiseOf(config), context.condition, Rng.seeded(3))
    return linear.value - linear.limit
  }
  const [plain, balanced] = [await over('local:balance=0'), await over('local')]
  t.true(plain > 0.05, `${plain}`)
  t.true(balanced < 0.02, `${balanced}`)
  t.deepEqual(sortedRows(await noiseOf('local')), sortedRows(await noiseOf('independent')))
})

test('a cell is moved against what the cells before it told, in deviations of its columns', (t) => {
  const balance = createBalance(0.5, 2, 1)
  const places = rows(Float32Array.of(-1, 1), 2, 1)
  const samples = rows(Float32Array.of(0, 5, 4, 5), 2, 2)
  t.is(balance.shifted(samples, places), samples)
  // Noise that goes with its place in the first column, and in the second not at all.
  balance.count(rows(Float32Array.of(3, 7, -3, 7), 2, 2), Int32Array.of(1, 0), places)
  // S = 6, m = 2, Var z = 1 and deviations 2 and 0: moved by −0.5 · 6 / 2 · z · 2.
  t.deepEqual([...balance.shifted(samples, places).values], [3, 5, 1, 5])
  // Places that do not differ move nothing.
  const same = createBalance(0.5, 2, 1)
  same.count(zeroRows(2, 2), Int32Array.of(0, 1), zeroRows(2, 1))
  t.deepEqual([...same.shifted(samples, places).values], [...samples.values])
})

test('without strength samples stay as they are', (t) => {
  const samples = zeroRows(2, 2)
  const none = createBalance(0, 2, 1)
  none.count(samples, Int32Array.of(0, 1), zeroRows(2, 1))
  t.is(none.shifted(samples, zeroRows(2, 1)), samples)
})
