import test from 'ava'
import { chiSquared, kolmogorov } from '../../../src/coupling/diagnostics/distributions.ts'
import {
  createCoupling,
  normTest,
  probeCondition,
  probeLabels,
  separation,
} from '../../../src/coupling/index.ts'
import { normalRows } from '../../../src/coupling/normal-rows.ts'
import { InputError } from '../../../src/errors.ts'
import { Rng } from '../../../src/random/rng.ts'
import { rows, zeroRows } from '../../../src/rows.ts'
import { twoWay } from '../toy.ts'

test("distribution functions agree with SciPy's", (t) => {
  const cases = [
    [0.5, 1, 0.5204998778130466],
    [3, 2, 0.7768698398515702],
    [20, 32, 0.04874040330397868],
    [40, 32, 0.8434868653602571],
    [80, 32, 0.9999945360192887],
    [3000, 3072, 0.17948942975889287],
    [3200, 3072, 0.9473112834978374],
    [0.001, 4, 1.2495834114479173e-7],
    [0, 4, 0],
  ]
  for (const [x, degrees, expected] of cases) {
    const found = chiSquared(x, degrees)
    t.true(Math.abs(found - expected) <= 1e-10 * (1 + expected), `${x} ${degrees}: ${found}`)
  }
  // The limit for many rows is compared with the exact distribution.
  for (const [statistic, n, exact] of [
    [0.05, 100, 0.9532],
    [0.136, 100, 0.0449],
    [0.02, 4096, 0.0745],
    [0.03, 4096, 0.00123],
  ]) {
    t.true(Math.abs(kolmogorov(statistic, n) - exact) < 0.01 * exact + 0.002)
  }
  t.is(kolmogorov(0.001, 100), 1)
})

test('the norm test passes independent noise and catches that of the nearest candidate', async (t) => {
  const { data, context } = twoWay(1, 2048)
  const free = normTest(normalRows(Rng.seeded(1), 2048, 16))
  t.true(free.p > 0.01, String(free.p))
  const near = normTest(await createCoupling('nearest').couple(data, Rng.seeded(1), context))
  t.true(near.p < 1e-6 && near.statistic > 0.2, JSON.stringify(near))
  const kept = normTest(await createCoupling('assignment').couple(data, Rng.seeded(1), context))
  t.true(kept.p > 0.01)
  for (const { histogram } of [free, near]) {
    const sum = (of: 'share' | 'expected') => histogram.reduce((so, bin) => so + bin[of], 0)
    t.true(Math.abs(sum('share') - 1) < 1e-9 && Math.abs(sum('expected') - 1) < 1e-9)
  }
  t.true(free.histogram.every(({ share, expected }) => Math.abs(share - expected) < 0.025))
  t.throws(() => normTest(zeroRows(0, 4)), { instanceOf: InputError })
})

test('the bent probe reads what the linear one cannot, and both know chance', (t) => {
  const rng = Rng.seeded(3)
  const noise = normalRows(rng, 2000, 4)
  const size = rows(
    Float32Array.from({ length: 2000 }, (_, i) => Math.abs(noise.values[4 * i])),
    2000,
    1,
  )
  const { linear, bent } = probeCondition(noise, size, Rng.seeded(1))
  t.true(linear.value < 0.02, JSON.stringify(linear))
  t.true(bent.value > 0.8, JSON.stringify(bent))
  t.true(linear.chance < 0 && linear.limit < 0.02)
  const labels = Int32Array.from(size.values, (value) => (value > 0.8 ? 7 : -2))
  const named = probeLabels(noise, labels, Rng.seeded(1))
  t.true(named.bent.value > 0.85 && named.bent.value > named.bent.limit + 0.2, JSON.stringify(named))
  t.throws(() => probeLabels(noise, labels.subarray(1), Rng.seeded(1)), { instanceOf: InputError })
})

test('a probe of very wide noise looks at some of its directions', (t) => {
  const noise = normalRows(Rng.seeded(3), 1200, 600)
  const hidden = rows(
    Float32Array.from({ length: 1200 }, (_, i) => noise.values[600 * i]),
    1200,
    1,
  )
  const all = rows(
    Float32Array.from({ length: 1200 }, (_, i) =>
      noise.values.subarray(600 * i, 600 * (i + 1)).reduce((sum, n) => sum + n, 0),
    ),
    1200,
    1,
  )
  for (const condition of [hidden, all]) {
    const { linear } = probeCondition(noise, condition, Rng.seeded(1))
    t.true(linear.value > linear.limit + 0.05, JSON.stringify(linear))
  }
})

test('assignment sends the noise of different samples apart, independent noise does not', async (t) => {
  const { data, context } = twoWay(4, 64)
  const of = (config: string) => separation(createCoupling(config), data, context, Rng.seeded(1), 48)
  const free = await of('independent')
  t.true(Math.abs(free.measured / free.chance - 1) < 0.05, JSON.stringify(free))
  t.true(free.effective < 0.35)
  const assigned = await of('assignment')
  t.true(assigned.effective > 1.5, JSON.stringify(assigned))
})
