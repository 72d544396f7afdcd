import test from 'ava'
import fc from 'fast-check'
import { bootstrapMean, wilson } from '../../src/evaluate/interval.ts'
import { Rng } from '../../src/random/rng.ts'

test("Wilson's interval has the published values", (t) => {
  // Newcombe (1998), table I, method 3 (score without continuity correction).
  const published: [number, number, number, number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]
  for (const [count, total, low, high] of published) {
    const interval = wilson(count, total)
    t.is(Number(interval.low.toFixed(4)), low)
    t.is(Number(interval.high.toFixed(4)), high)
  }
})

test("Wilson's interval contains the share, mirrors, and narrows with more trials", (t) => {
  const property = fc.property(fc.nat(500), fc.integer({ min: 1, max: 500 }), (a, total) => {
    const count = a % (total + 1)
    const { value, low, high } = wilson(count, total)
    t.true(0 <= low && low <= value && value <= high && high <= 1 && low < high)
    const mirrored = wilson(total - count, total)
    t.true(Math.abs(mirrored.low - (1 - high)) < 1e-12)
    const more = wilson(4 * count, 4 * total)
    t.true(more.high - more.low < high - low)
  })
  t.notThrows(() => fc.assert(property))
  t.throws(() => wilson(3, 2), { name: 'InputError' })
  t.throws(() => wilson(0, 0), { name: 'InputError' })
})

test('the bootstrap of a mean contains it, stays in range, repeats, and has no width for equal values', (t) => {
  const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 })
  const property = fc.property(values, fc.nat(), (sample, seed) => {
    const { value, low, high } = bootstrapMean(sample, Rng.seeded(seed))
    t.true(low <= value && value <= high)
    t.true(low >= Math.min(...sample) - 1e-9 && high <= Math.max(...sample) + 1e-9)
    t.deepEqual(bootstrapMean(sample, Rng.seeded(seed)), { value, low, high })
  })
  t.notThrows(() => fc.assert(property, { numRuns: 15 }))
  const { low, high } = bootstrapMean([0.25, 0.25, 0.25], Rng.seeded(0))
  t.deepEqual([low, high], [0.25, 0.25])
  t.throws(() => bootstrapMean([], Rng.seeded(0)), { name: 'InputError' })
})

test('the bootstrap of a mean covers the truth about as often as it says', (t) => {
  const rng = Rng.seeded(11)
  let covered = 0
  for (let trial = 0; trial < 100; trial++) {
    const sample = Array.from({ length: 60 }, () => rng.uniform())
    const { low, high } = bootstrapMean(sample, rng.fork('trial', trial))
    if (low <= 0.5 && 0.5 <= high) covered++
  }
  t.true(covered >= 88, `${covered} of 100`)
})
