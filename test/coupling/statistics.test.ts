import test from 'ava'
import { nearCells } from '../../src/coupling/cells.ts'
import { createCoupling, normEnergy, probe, relativeDistance } from '../../src/coupling/index.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { columnStatistics } from '../../src/coupling/statistics.ts'
import { whitened } from '../../src/coupling/whiten.ts'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { rows, zeroRows } from '../../src/rows.ts'
import { twoWay } from './toy.ts'

/** Couples `count` samples in pools of `size` and measures the result. */
async function measure(config: string, count = 4096, size = count) {
  const coupling = createCoupling(config)
  const { data, condition } = twoWay(3, count)
  const part = (matrix: typeof data, start: number) => {
    const from = start * matrix.columns
    return rows(matrix.values.subarray(from, from + size * matrix.columns), size, matrix.columns)
  }
  const noise = zeroRows(count, data.columns)
  for (let start = 0; start < count; start += size) {
    const context = { condition: part(condition, start), batchSize: size, step: 0 }
    const chosen = await coupling.couple(part(data, start), Rng.seeded(7).fork('pool', start), context)
    noise.values.set(chosen.values, start * data.columns)
  }
  return {
    probe: probe(noise, condition),
    energy: normEnergy(noise),
    distance: relativeDistance(data, noise, Rng.seeded(1)),
  }
}

test('independent noise tells nothing', async (t) => {
  const { probe, energy, distance } = await measure('independent')
  t.true(Math.abs(probe) < 0.03, String(probe))
  t.true(Math.abs(energy - 1) < 0.02, String(energy))
  t.true(Math.abs(distance - 1) < 0.01, String(distance))
})

test('blind assignment betrays the condition, local assignment hardly does', async (t) => {
  const blind = await measure('assignment', 4096, 128)
  const local = await measure('local')
  t.true(blind.probe > 0.3, String(blind.probe))
  t.true(local.probe < 0.05, String(local.probe))
  for (const { energy, distance } of [blind, local]) {
    t.true(Math.abs(energy - 1) < 0.02, String(energy))
    t.true(distance < 0.95, String(distance))
  }
})

test('cells on whitened conditions resolve the velocity in two nearly equal positions', async (t) => {
  const rng = Rng.seeded(1)
  const count = 4096
  const base = normalRows(rng, count, 2)
  const data = normalRows(rng, count, 4)
  const condition = zeroRows(count, 2)
  const velocity = zeroRows(count, 1)
  for (let i = 0; i < count; i++) {
    const [position, speed] = base.values.subarray(2 * i, 2 * i + 2)
    condition.values.set([position - 0.03 * speed, position], 2 * i)
    velocity.values[i] = speed
    for (let k = 0; k < 4; k++) data.values[4 * i + k] = 0.3 * data.values[4 * i + k] + (k + 1) * 0.3 * speed
  }
  const read = async (metric: string) => {
    const context = { condition, batchSize: 128, step: 0 }
    return probe(
      await createCoupling({ type: 'local', metric }).couple(data, rng.fork(metric), context),
      velocity,
    )
  }
  const [standardised, whitened] = [await read('standardised'), await read('whitened')]
  t.true(standardised > 0.4, String(standardised))
  t.true(whitened < 0.1, String(whitened))
})

test('the nearest of eight candidates by distance is short, by cosine it is not', async (t) => {
  const l2 = await measure('nearest:candidates=8')
  const cosine = await measure('nearest:candidates=8,score=cosine')
  t.true(l2.energy < 0.85, String(l2.energy))
  t.true(Math.abs(cosine.energy - 1) < 0.02, String(cosine.energy))
  t.true(l2.distance < cosine.distance && cosine.distance < 0.95)
})

test('a probe reads a linear trace, and not more from less', (t) => {
  const rng = Rng.seeded(2)
  const noise = normalRows(rng, 2000, 5)
  const hidden = rows(
    Float32Array.from({ length: 2000 }, (_, i) => 3 + noise.values[5 * i] + noise.values[5 * i + 3]),
    2000,
    1,
  )
  t.true(probe(noise, hidden) > 0.99)
  const faint = rows(
    hidden.values.map((value) => value + Math.SQRT2 * rng.normal()),
    2000,
    1,
  )
  t.true(Math.abs(probe(noise, faint) - 0.5) < 0.06)
  t.is(probe(noise, rows(new Float32Array(2000).fill(4), 2000, 1)), 0)
  t.throws(() => probe(noise, rows(new Float32Array(3), 3, 1)), { instanceOf: InputError })
})

test('cells divide the rows, none too large, near ones together', (t) => {
  const { condition } = twoWay(5, 1024)
  const cells = nearCells(condition, 64, Rng.seeded(1))
  t.deepEqual(
    cells.map((cell) => cell.length),
    Array.from({ length: 16 }, () => 64),
  )
  t.deepEqual(
    cells.flatMap((cell) => [...cell]).sort((a, b) => a - b),
    [...new Array(1024).keys()],
  )
  const within = cells.map((cell) => {
    const own = rows(
      Float32Array.from([...cell].flatMap((i) => [...condition.values.subarray(2 * i, 2 * i + 2)])),
      cell.length,
      2,
    )
    return columnStatistics(own).deviation.reduce((sum, d) => sum + d ** 2, 0)
  })
  const spread = within.reduce((a, b) => a + b, 0) / cells.length
  const whole = columnStatistics(condition).deviation.reduce((sum, d) => sum + d ** 2, 0)
  // Sixteen compact cells of an area have about a sixteenth of its variance each.
  t.true(spread < whole / 8, `${spread} of ${whole}`)
  const uneven = nearCells(rows(condition.values.subarray(0, 200), 100, 2), 30, Rng.seeded(1))
  t.deepEqual(
    uneven.map((cell) => cell.length),
    [25, 25, 25, 25],
  )
})

test('rows that are all equal are cut at random', (t) => {
  const same = zeroRows(64, 2)
  const cells = nearCells(same, 8, Rng.seeded(1))
  t.is(cells.length, 8)
  t.notDeepEqual(cells, nearCells(same, 8, Rng.seeded(2)))
  t.notDeepEqual([...cells[0]], [0, 1, 2, 3, 4, 5, 6, 7])
})

test('whitened rows have covariance I and no column for what others explain', (t) => {
  const rng = Rng.seeded(6)
  const base = normalRows(rng, 500, 3)
  // Position, a nearly equal position before it, their sum, a constant, and something else.
  const values = Array.from({ length: 500 }, (_, i) => {
    const [a, b, c] = base.values.subarray(3 * i, 3 * i + 3)
    return [100 * a, 100 * a + b, 200 * a + b, 7, c]
  })
  const found = whitened(rows(Float32Array.from(values.flat()), 500, 5))
  t.is(found.columns, 3)
  for (let k = 0; k < 3; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0
      for (let i = 0; i < 500; i++) sum += found.values[3 * i + k] * found.values[3 * i + l]
      t.true(Math.abs(sum / 500 - (k === l ? 1 : 0)) < 1e-3, `${k} ${l} ${sum / 500}`)
    }
  }
  t.deepEqual(whitened(zeroRows(4, 3)), zeroRows(4, 1))
})
