import test from 'ava'
import { nearCells } from '../../src/coupling/cells.ts'
import { createCoupling, pair, probeCondition, probeLabels, takeRows } from '../../src/coupling/index.ts'
import { pairWithin } from '../../src/coupling/pair.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, rows, zeroRows } from '../../src/rows.ts'
import { eightGaussians, moons } from './moons.ts'

const COUNT = 2048
const POOL = 256
const { data, place, moon } = moons(Rng.seeded(1), COUNT)

const part = (matrix: Rows, first: number, size: number) => {
  const { columns } = matrix
  return rows(matrix.values.subarray(first * columns, (first + size) * columns), size, columns)
}

/** Noise for all moons, in pools. */
async function noiseOf(config: string, size: number): Promise<Rows> {
  const coupling = createCoupling(config)
  const noise = zeroRows(COUNT, 2)
  for (let first = 0; first < COUNT; first += size) {
    const chosen = await coupling.couple(part(data, first, size), Rng.seeded(3).fork(first), {
      condition: part(place, first, size),
      labels: moon.subarray(first, first + size),
      batchSize: size,
      step: 0,
    })
    noise.values.set(chosen.values, first * 2)
  }
  return noise
}

test('blind assignment makes noise tell where on the moons it goes, and on which', async (t) => {
  const noise = await noiseOf('assignment', 256)
  const where = probeCondition(noise, place, Rng.seeded(2))
  const which = probeLabels(noise, moon, Rng.seeded(2))
  t.true(where.linear.value > 0.8, JSON.stringify(where))
  t.true(where.bent.value > 0.8)
  t.true(which.linear.value > 0.7, JSON.stringify(which))
  t.true(Math.abs(which.linear.chance - 0.5) < 0.05 && which.linear.limit < 0.58)
})

for (const [config, size] of [
  ['local', COUNT],
  ['penalised', POOL],
  ['residual', COUNT],
  ['residual:coupling=local', COUNT],
] as const) {
  test(`${config} brings what noise tells of the place on the moons to chance`, async (t) => {
    const { linear, bent } = probeCondition(await noiseOf(config, size), place, Rng.seeded(2))
    t.true(linear.value < linear.limit + 0.03, JSON.stringify(linear))
    t.true(bent.value < bent.limit + 0.04, JSON.stringify(bent))
  })
}

test('grouped brings what noise tells of the moon to chance', async (t) => {
  const { linear, bent } = probeLabels(await noiseOf('grouped', 256), moon, Rng.seeded(2))
  t.true(linear.value < linear.limit + 0.03, JSON.stringify(linear))
  t.true(bent.value < bent.limit + 0.02, JSON.stringify(bent))
})

test("the same holds for C2OT's own source, eight Gaussians", async (t) => {
  const source = eightGaussians(Rng.seeded(5), COUNT)
  const blind = new Int32Array(COUNT)
  for (let first = 0; first < COUNT; first += 256) {
    const members = Int32Array.from({ length: 256 }, (_, i) => first + i)
    await pairWithin(data, source, members, { cost: 'squared' }, blind)
  }
  const celled = new Int32Array(COUNT)
  for (const members of nearCells(place, 64, Rng.seeded(6))) {
    await pairWithin(data, source, members, { cost: 'squared' }, celled)
  }
  const read = (order: Int32Array) => probeCondition(takeRows(source, order), place, Rng.seeded(2)).linear
  t.true(read(blind).value > 0.8)
  t.true(read(celled).value < read(celled).limit + 0.02, JSON.stringify(read(celled)))
  t.is(pair(part(data, 0, 4), part(source, 0, 4), { cost: 'squared' }).length, 4)
})
