import test from 'ava'
import { pairwiseDistances, WORTH_COMPILING } from '../../src/coupling/compiled-distances.ts'
import { COSTS, type CostName, costMatrix, costRows } from '../../src/coupling/cost.ts'
import { distances } from '../../src/coupling/distances.ts'
import { assign, auctionByRows, createCoupling, pair, takeRows } from '../../src/coupling/index.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { chooseSolver } from '../../src/coupling/solvers/index.ts'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'

const rng = Rng.seeded(1)
const COLUMNS = 400
const data = normalRows(rng, 220, COLUMNS)
const noise = normalRows(rng, 220, COLUMNS)
// Large enough for the compiled product, and what the tests below rest on.
const large = data.rows * noise.rows * COLUMNS >= WORTH_COMPILING

test('distances by a compiled product are those of the loops', async (t) => {
  t.true(large)
  for (const squared of [false, true]) {
    const [made, plain] = [await pairwiseDistances(data, noise, squared), distances(data, noise, squared)]
    t.is(made.values.length, plain.values.length)
    t.true(plain.values.every((value, i) => Math.abs(made.values[i] - value) < 1e-6 * value))
    t.deepEqual(await pairwiseDistances(data, noise, squared), made)
  }
  // Calls that were not awaited do not overwrite each other's results.
  const [first, second] = await Promise.all([
    pairwiseDistances(data, noise, true),
    pairwiseDistances(noise, data, true),
  ])
  t.true(Math.abs(first.values[1] - second.values[220]) < 1e-6 * first.values[1])
  t.not(first.values[1], first.values[220])
})

test('every cost is the same at once, compiled, and by rows', async (t) => {
  for (const name of Object.keys(COSTS) as CostName[]) {
    const [plain, made] = [COSTS[name](data, noise), await costMatrix(name, data, noise)]
    // Rounding to half precision may fall to either side.
    const tolerance = name === 'half' ? 1e-3 : 1e-6
    t.true(
      plain.values.every((value, i) => Math.abs(made.values[i] - value) <= tolerance * value),
      name,
    )
    const byRows = await costRows(name, data, noise, 8).costs(Int32Array.of(3, 219, 0))
    const wanted = [3, 219, 0].flatMap((i) => [...made.values.subarray(i * 220, (i + 1) * 220)])
    t.true(
      wanted.every((value, i) => Math.abs(byRows[i] - value) <= tolerance * value),
      name,
    )
  }
})

test('assignments find the optimum of the loops, or say how far they are from it', async (t) => {
  const options = { cost: 'l2' } as const
  const exact = await assign(data, noise, options)
  t.deepEqual(exact.columnOfRow, pair(data, noise, options))
  t.is(exact.bound, exact.total)
  const near = await assign(data, noise, { ...options, solver: 'auction' })
  t.true(near.total >= exact.total - 1e-3 && near.bound <= exact.total + 1e-3)
  t.true(near.total <= 1.001 * near.bound)
  const byRows = await auctionByRows(costRows('l2', data, noise, 64))
  t.true(byRows.total <= 1.001 * exact.total)
})

test('the solver is chosen by the number of rows', async (t) => {
  t.is(chooseSolver('auto', 8192), 'jonker-volgenant')
  t.is(chooseSolver('auto', 8193), 'auction')
  t.is(chooseSolver('munkres', 20_000), 'munkres')
  const context = { batchSize: 220, step: 0 }
  const of = (config: string) => createCoupling(config).couple(data, Rng.seeded(3), context)
  t.deepEqual(await of('assignment:solver=auto'), await of('assignment'))
})

test('a price on unlike conditions leaves trades between equal ones free, whatever the rounding', async (t) => {
  const size = 700
  const places = normalRows(Rng.seeded(1), 3, 40)
  const labels = Int32Array.from({ length: size }, (_, i) => i % 3)
  const samples = normalRows(Rng.seeded(2), size, 2)
  const context = { condition: takeRows(places, labels), labels, batchSize: size, step: 0 }
  for (const distance of ['euclidean', 'cosine']) {
    const coupling = createCoupling({ type: 'penalised', distance, batches: 1 })
    const { values } = await coupling.couple(samples, Rng.seeded(3), context)
    const drawn = normalRows(Rng.seeded(3), size, 2)
    const from = labels.map((_, i) => drawn.values.indexOf(values[2 * i]) / 2)
    t.true(from.every((j, i) => labels[j] === labels[i]))
    const moved = from.filter((j, i) => j !== i).length
    t.true(moved > 0.9 * size, `${moved} moved`)
  }
})

test('a matrix that would not fit is refused with what would', async (t) => {
  const huge = { values: new Float32Array(0), rows: 65_536, columns: 4 }
  await t.throwsAsync(pairwiseDistances(huge, huge, false), {
    instanceOf: InputError,
    message: /65536 by 65536 rows would take 16 GiB; use the solver auto/,
  })
})
