import test from 'ava'
import fc from 'fast-check'
import { holm, pairedDifference, seedsNeeded, studentQuantile } from '../../src/evaluate/paired.ts'
import { Rng } from '../../src/random/rng.ts'

const rng = () => Rng.seeded(1)
const near = (actual: number, expected: number, tolerance = 1e-7) => Math.abs(actual - expected) <= tolerance

test("the paired t test is SciPy's", (t) => {
  const a = [0.91, 0.87, 0.95, 0.9, 0.88, 0.93]
  const b = [0.85, 0.88, 0.89, 0.86, 0.8, 0.91]
  const { n, t: interval, deviation, p } = pairedDifference(a, b, rng())
  t.is(n, 6)
  t.true(near(interval.value, 0.041666666666666664))
  t.true(near(deviation, 0.03250640962435972), `${deviation}`)
  t.true(near(p, 0.025673525373462715), `${p}`)
  t.true(
    near(interval.low, 0.0075532818818057415) && near(interval.high, 0.07578005145152758),
    `${interval.low} ${interval.high}`,
  )
})

test('quantiles of Student are those of tables', (t) => {
  t.true(near(studentQuantile(0.975, 1), 12.706204736174694, 1e-6))
  t.true(near(studentQuantile(0.975, 4), 2.7764451051977934))
  t.true(near(studentQuantile(0.8, 30), 0.8537672614712979))
})

test('equal arms do not differ, and a constant difference has no width', (t) => {
  const same = pairedDifference([0.5, 0.7, 0.9], [0.5, 0.7, 0.9], rng())
  t.deepEqual(same.t, { value: 0, low: 0, high: 0 })
  t.is(same.p, 1)
  const shifted = pairedDifference([0.6, 0.8, 1], [0.5, 0.7, 0.9], rng())
  t.is(shifted.deviation, 0)
  t.is(shifted.p, 0)
  t.is(shifted.t.low, shifted.t.high)
})

test('fewer than two pairs, or unpaired figures, are refused', (t) => {
  t.throws(() => pairedDifference([1], [2], rng()), { name: 'InputError', message: /at least two/ })
  t.throws(() => pairedDifference([1, 2], [2], rng()), { name: 'InputError' })
})

const figures = fc.array(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  {
    minLength: 2,
    maxLength: 12,
  },
)

test('exchanging the arms turns the intervals round', (t) => {
  const property = fc.property(figures, (pairs) => {
    const a = pairs.map(([first]) => first)
    const b = pairs.map(([, second]) => second)
    const forth = pairedDifference(a, b, rng())
    const back = pairedDifference(b, a, rng())
    t.true(near(forth.t.low, -back.t.high, 1e-9) && near(forth.t.high, -back.t.low, 1e-9))
    t.true(near(forth.bootstrap.low, -back.bootstrap.high, 1e-9))
    t.true(near(forth.p, back.p, 1e-9))
    t.true(forth.p >= 0 && forth.p <= 1)
    t.true(forth.t.low <= forth.t.value && forth.t.value <= forth.t.high)
    t.true(forth.bootstrap.low <= forth.t.value && forth.t.value <= forth.bootstrap.high)
    // The interval holds 0 exactly where the test does not reject it.
    if (forth.deviation > 1e-9 && Math.abs(forth.p - 0.05) > 1e-6) {
      t.is(forth.t.low <= 0 && forth.t.high >= 0, forth.p > 0.05)
    }
  })
  t.notThrows(() => fc.assert(property, { numRuns: 40 }))
})

test("Holm's p-values are ordered as before, no smaller, and those of the paper's procedure", (t) => {
  t.deepEqual(
    holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(10))),
    [0.03, 0.06, 0.06, 0.02],
  )
  const property = fc.property(
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
    (p) => {
      const adjusted = holm(p)
      p.forEach((one, i) => {
        t.true(adjusted[i] >= one && adjusted[i] <= Math.max(1, one))
        p.forEach((other, j) => {
          if (one < other) t.true(adjusted[i] <= adjusted[j])
        })
      })
      t.is(Math.min(...adjusted), Math.min(1, p.length * Math.min(...p)))
    },
  )
  t.notThrows(() => fc.assert(property, { numRuns: 50 }))
})

/** Effect, deviation, and the least n with 80 % power by SciPy's noncentral t. */
const POWER = [
  [0.05, 0.05, 10],
  [0.1, 0.05, 5],
  [0.02, 0.05, 52],
] as const

test('the number of seeds needed is within one of the noncentral t power', (t) => {
  for (const [effect, deviation, exact] of POWER) {
    t.true(
      Math.abs(seedsNeeded(effect, deviation) - exact) <= 1,
      `${effect}: ${seedsNeeded(effect, deviation)}`,
    )
  }
  t.is(seedsNeeded(0, 0.1), Number.POSITIVE_INFINITY)
  t.is(seedsNeeded(0.1, 0), 2)
  t.is(seedsNeeded(1e-6, 0.1), Number.POSITIVE_INFINITY)
  t.true(seedsNeeded(0.1, 0.1) <= seedsNeeded(0.05, 0.1))
  // One of ten tests at 5 % together, by SciPy's noncentral t: 18.
  t.true(Math.abs(seedsNeeded(0.05, 0.05, 0.8, 0.005) - 18) <= 1, `${seedsNeeded(0.05, 0.05, 0.8, 0.005)}`)
})
