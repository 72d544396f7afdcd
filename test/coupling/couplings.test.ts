import test from 'ava'
import { COSTS } from '../../src/coupling/cost.ts'
import { entropicPlan } from '../../src/coupling/entropic-plan.ts'
import { type Coupling, createCoupling } from '../../src/coupling/index.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { penaltyWeight } from '../../src/coupling/penalty.ts'
import { residuals } from '../../src/coupling/residuals.ts'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { rows } from '../../src/rows.ts'
import { plain, sortedRows } from './toy.ts'

const vanilla = createCoupling('independent')

const COUPLINGS = [
  'independent',
  'nearest:candidates=4',
  'nearest:candidates=4,score=inner',
  'nearest:candidates=4,score=cosine',
  'assignment',
  'assignment:cost=l2,solver=munkres',
  'assignment:cost=half',
  'local:cell=16',
  'local:cell=16,metric=standardised',
  'grouped',
  'sinkhorn',
  'penalised',
  'penalised:distance=cosine,ratio=0.1',
  'residual:neighbours=8',
  'residual:neighbours=8,metric=standardised,coupling=local:cell=16,pool=2',
  'scaled:factor=3,coupling=nearest',
  'after:step=0,coupling=local:cell=8',
].map((config) => createCoupling(config))

for (const coupling of COUPLINGS) {
  const { data, context } = plain(1, 64, 6)
  const couple = (seed: number) => coupling.couple(data, Rng.seeded(seed), context)

  test(`${coupling.name} is a function of its stream and leaves the data alone`, async (t) => {
    const before = data.values.slice()
    const [first, again, other] = [await couple(5), await couple(5), await couple(6)]
    t.deepEqual([first.rows, first.columns], [64, 6])
    t.deepEqual(again, first)
    t.notDeepEqual(other, first)
    t.deepEqual(data.values, before)
  })

  test(`${coupling.name} refuses data that are not finite, by name`, async (t) => {
    const values = data.values.slice()
    values[3 * 6 + 4] = NaN
    const error = await t.throwsAsync(coupling.couple({ ...data, values }, Rng.seeded(1), context), {
      instanceOf: InputError,
    })
    t.regex(error?.message ?? '', /row 3, column 4/)
    t.true(
      error?.message.includes(coupling.name.split('(')[0]) || /scaled|after|residual/.test(coupling.name),
    )
    await t.throwsAsync(coupling.couple(rows(new Float32Array(0), 0, 6), Rng.seeded(1), context), {
      instanceOf: InputError,
    })
  })
}

for (const name of [
  'assignment',
  'assignment:cost=squared',
  'assignment:solver=auction',
  'local:cell=16',
  'local:cell=10',
  'grouped',
  'penalised:ratio=0.2',
  'residual:neighbours=8',
]) {
  test(`${name} keeps the pool of independent noise and brings it nearer`, async (t) => {
    const { data, context } = plain(2, 96, 4)
    const free = await vanilla.couple(data, Rng.seeded(3), context)
    const chosen = await createCoupling(name).couple(data, Rng.seeded(3), context)
    t.deepEqual(sortedRows(chosen), sortedRows(free))
    const distance = (noise: { values: Float32Array }) =>
      noise.values.reduce((sum, n, k) => sum + (n - data.values[k]) ** 2, 0)
    t.true(distance(chosen) < 0.8 * distance(free))
  })
}

const identities: [string, string, string, { data: ReturnType<typeof plain>['data']; rows: number }][] = (
  [
    ['nearest of one candidate', 'nearest:candidates=1', 'independent', 32],
    ['assignment of one row', 'assignment', 'independent', 1],
    ['cells of one sample', 'local:cell=1', 'independent', 32],
    ['a single cell', 'local:cell=32,cost=standardised', 'assignment', 32],
    ['before activation', 'after:step=1,coupling=assignment', 'independent', 32],
    ['after activation', 'after:step=0,coupling=assignment', 'assignment', 32],
    ['a pool without room for trade', 'penalised:ratio=0.0001', 'independent', 32],
    ['a penalty that costs nothing', 'penalised:ratio=1', 'assignment', 32],
    ['entropy of one row', 'sinkhorn', 'independent', 1],
    ['hardly any entropy', 'sinkhorn:regularisation=0.001,iterations=2000', 'assignment', 32],
    ['residuals of independent noise', 'residual:neighbours=8,coupling=independent', 'independent', 32],
    ['a factor of one', 'scaled:factor=1,coupling=nearest', 'nearest', 32],
  ] as const
).map(([what, left, right, count]) => [what, left, right, { data: plain(9, count, 5).data, rows: count }])

for (const [what, left, right, { data, rows: count }] of identities) {
  test(`${what}: ${left} is ${right}, number for number`, async (t) => {
    const { context } = plain(9, count, 5)
    const couple = (config: string) => createCoupling(config).couple(data, Rng.seeded(4), context)
    t.deepEqual(await couple(left), await couple(right))
  })
}

test('grouped trades noise inside classes only', async (t) => {
  const { data, context } = plain(5, 60, 4)
  const free = await vanilla.couple(data, Rng.seeded(2), context)
  const chosen = await createCoupling('grouped').couple(data, Rng.seeded(2), context)
  for (let label = 0; label < 3; label++) {
    const own = (noise: typeof free) =>
      rows(
        noise.values.filter((_, k) => Math.floor(k / 4) % 3 === label),
        20,
        4,
      )
    t.deepEqual(sortedRows(own(chosen)), sortedRows(own(free)))
  }
  const apart = { ...context, labels: Int32Array.from({ length: 60 }, (_, i) => i) }
  t.deepEqual(await createCoupling('grouped').couple(data, Rng.seeded(2), apart), free)
  const same = { ...context, labels: new Int32Array(60) }
  t.deepEqual(
    await createCoupling('grouped').couple(data, Rng.seeded(2), same),
    await createCoupling('assignment').couple(data, Rng.seeded(2), same),
  )
})

test('a strong entropy draws from the pool almost evenly', async (t) => {
  const { data, context } = plain(5, 256, 4)
  const pool = new Set(sortedRows(await vanilla.couple(data, Rng.seeded(2), context)))
  const chosen = sortedRows(
    await createCoupling('sinkhorn:regularisation=1000').couple(data, Rng.seeded(2), context),
  )
  t.true(chosen.every((noise) => pool.has(noise)))
  // Of n even draws from n, a share 1 − 1/e differ.
  const distinct = new Set(chosen).size / 256
  t.true(Math.abs(distinct - 0.632) < 0.06, String(distinct))
})

test('a plan of transport has the sums that it should have', (t) => {
  const rng = Rng.seeded(4)
  for (const regularisation of [0.01, 0.1, 1]) {
    const cost = COSTS.squared(normalRows(rng, 60, 3), normalRows(rng, 60, 3))
    const { values, error } = entropicPlan(cost, { regularisation, iterations: 5000, tolerance: 1e-4 })
    t.true(error <= 1e-4, String(error))
    for (let k = 0; k < 60; k++) {
      const sum = (at: (l: number) => number) =>
        Array.from({ length: 60 }, (_, l) => values[at(l)]).reduce((a, b) => a + b, 0)
      t.true(Math.abs(sum((l) => 60 * k + l) - 1) < 1e-5)
      t.true(Math.abs(sum((l) => 60 * l + k) - 1) < 0.02)
    }
  }
  const same = { values: new Float32Array(9).fill(7), rows: 3, columns: 3 }
  const { values } = entropicPlan(same, { regularisation: 0.1, iterations: 10, tolerance: 1e-6 })
  t.true(values.every((value) => Math.abs(value - 1 / 3) < 1e-6))
})

test('the penalty leaves the wished share of pairs as good as their own', (t) => {
  const rng = Rng.seeded(5)
  const cost = COSTS.l2(normalRows(rng, 80, 4), normalRows(rng, 80, 4))
  const places = normalRows(rng, 80, 2)
  const penalty = COSTS.l2(places, places)
  for (const ratio of [0.02, 0.1, 0.3]) {
    const weight = penaltyWeight(cost, penalty, ratio)
    let good = 0
    for (let i = 0; i < 80; i++) {
      for (let j = 0; j < 80; j++) {
        const price = cost.values[80 * i + j] + weight * penalty.values[80 * i + j]
        if (price <= cost.values[81 * i]) good++
      }
    }
    t.true(Math.abs(good / 6400 - ratio) <= 0.001, `${good / 6400} for ${ratio}`)
  }
})

test('residuals are measured from the nearest others', (t) => {
  // Two far groups of places; the second column of the data is constant in each.
  const places = rows(Float32Array.of(0, 0.1, 0.2, 9, 9.1, 9.2), 6, 1)
  const data = rows(Float32Array.of(1, 5, 3, 5, 5, 5, -2, 0, -2, 0, 10, 1), 6, 2)
  const { values } = residuals(data, places, 2, Rng.seeded(1))
  t.deepEqual(
    Array.from(values.subarray(0, 4), (value) => value + 0),
    [-3, 0, 0, 0],
  )
  t.is(values[2 * 3], -1)
  // Far from neighbours that are all alike: measured by the least scale, and finite.
  t.true(values[2 * 5 + 1] > 100 && Number.isFinite(values[2 * 5 + 1]))
})

test('what a form needs and lacks is named', async (t) => {
  const { data, context } = plain(6, 32, 4)
  const { batchSize, step } = context
  const fails = (coupling: Coupling, given: object, message: RegExp) =>
    t.throwsAsync(coupling.couple(data, Rng.seeded(1), { batchSize, step, ...given }), {
      instanceOf: InputError,
      message,
    })
  const local = createCoupling('local:cell=8')
  await fails(local, {}, /local\(cell=8.*needs the condition/)
  await fails(local, { condition: rows(new Float32Array(6), 2, 3) }, /2 conditions.*32 samples/)
  await fails(local, { condition: rows(new Float32Array(32).fill(NaN), 32, 1) }, /condition \(row 0/)
  await fails(createCoupling('local:cell=64'), context, /pool of 32 samples for cells of 64/)
  await fails(createCoupling('penalised'), {}, /penalised.* needs the condition/)
  await fails(createCoupling('residual:neighbours=8'), {}, /residual.* needs the condition/)
  await fails(createCoupling('residual'), context, /pool of 32 samples for 32 neighbours/)
  await fails(createCoupling('grouped'), {}, /needs the label/)
  await fails(createCoupling('grouped'), { labels: new Int32Array(3) }, /3 labels for 32/)
})

test('couplings say whether they are blind to the condition and how many batches they want', (t) => {
  const facts = (config: string) => {
    const { conditionBlind, poolBatches } = createCoupling(config)
    return [conditionBlind, poolBatches]
  }
  t.deepEqual(facts('independent'), [false, 1])
  t.deepEqual(facts('nearest'), [true, 1])
  t.deepEqual(facts('assignment:batches=3'), [true, 3])
  t.deepEqual(facts('local'), [false, 32])
  t.deepEqual(facts('grouped:batches=4'), [false, 4])
  t.deepEqual(facts('sinkhorn'), [true, 1])
  t.deepEqual(facts('penalised'), [false, 8])
  t.deepEqual(facts('residual'), [false, 32])
  t.deepEqual(facts('residual:pool=5,coupling=assignment:batches=2'), [false, 6])
  t.deepEqual(facts('after:step=10,coupling=local:pool=8'), [false, 8])
})
