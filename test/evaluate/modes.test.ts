import test from 'ava'
import fc from 'fast-check'
import { bootstrapCounts } from '../../src/evaluate/interval.ts'
import {
  entropy,
  entropyCeiling,
  estimateTotalVariation,
  modeStatistics,
  totalVariation,
  totalVariationFloor,
} from '../../src/evaluate/modes.ts'
import { Rng } from '../../src/random/rng.ts'

const counts = fc
  .array(fc.nat(50), { minLength: 2, maxLength: 24 })
  .filter((some) => some.some((count) => count > 0))

test('entropy is 1 for even counts, 0 for one mode, and does not mind order or scale', (t) => {
  t.is(entropy([5, 5, 5]), 1)
  t.is(entropy([0, 7]), 0)
  t.true(Math.abs(entropy([1, 3]) - 0.8112781244591328) < 1e-12)
  const property = fc.property(counts, (some) => {
    const value = entropy(some)
    t.true(value >= 0 && value <= 1)
    t.true(Math.abs(entropy(some.toReversed()) - value) < 1e-12)
    t.true(Math.abs(entropy(some.map((count) => 3 * count)) - value) < 1e-12)
  })
  t.notThrows(() => fc.assert(property))
})

test('total variation is 0 for even counts and largest for one mode', (t) => {
  t.is(totalVariation([5, 5]), 0)
  t.is(totalVariation([10, 0, 0, 0]), 0.75)
  const property = fc.property(counts, (some) => {
    const value = totalVariation(some)
    t.true(value >= 0 && value <= 1 - 1 / some.length + 1e-12)
  })
  t.notThrows(() => fc.assert(property))
})

test('the floor of total variation is what an even policy shows', (t) => {
  t.is(Number(totalVariationFloor(24, 100).toFixed(2)), 0.19)
  t.is(Number(totalVariationFloor(24, 480).toFixed(3)), 0.087)
  t.is(Number(totalVariationFloor(24, 2000).toFixed(3)), 0.043)
  // Two coins: ½·|heads − tails|/n is 0.5, 0, 0.5 with chances ¼, ½, ¼.
  t.true(Math.abs(totalVariationFloor(2, 2) - 0.25) < 1e-12)
  t.true(Math.abs(totalVariationFloor(5, 1) - 0.8) < 1e-12)
  t.is(totalVariationFloor(1, 10), 0)
  const rng = Rng.seeded(2)
  for (const [modes, total] of [
    [3, 7],
    [24, 48],
  ]) {
    let sum = 0
    for (let trial = 0; trial < 4000; trial++) {
      const drawn = Array<number>(modes).fill(0)
      for (let i = 0; i < total; i++) drawn[rng.integer(0, modes)]++
      sum += totalVariation(drawn)
    }
    t.true(Math.abs(sum / 4000 - totalVariationFloor(modes, total)) < 0.01)
  }
})

test('modes are counted by name, and an episode without one does not count', (t) => {
  const statistics = modeStatistics(['a', 'b', 'c'], [0, 2, 2, -1, 2], Rng.seeded(0))
  t.deepEqual(statistics.counts, [1, 0, 3])
  t.is(statistics.total, 4)
  t.is(statistics.seen, 2)
  t.is(statistics.shares?.[2].value, 0.75)
  t.is(statistics.entropy?.value, entropy([1, 0, 3]))
  t.is(statistics.totalVariation?.value, totalVariation([1, 0, 3]))
  t.is(statistics.totalVariationFloor, totalVariationFloor(3, 4))
})

test('without a success there are no shares, with one mode no entropy', (t) => {
  const none = modeStatistics(['a', 'b'], [-1], Rng.seeded(0))
  t.is(none.seen, 0)
  t.deepEqual(
    [none.shares, none.entropy, none.totalVariation, none.totalVariationFloor],
    [null, null, null, null],
  )
  const single = modeStatistics(['a'], [0, 0], Rng.seeded(0))
  t.is(single.entropy, null)
  t.is(single.totalVariation?.value, 0)
})

const even = Array<number>(24).fill(1 / 24)
const covered: [string, typeof estimateTotalVariation, (shares: readonly number[]) => number, number[][]][] =
  [
    [
      'entropy',
      (counts, rng) => bootstrapCounts(counts, entropy, [0, 1], rng),
      entropy,
      [even, [0.7, 0.1, 0.1, 0.1], [0.6, 0.4]],
    ],
    ['total variation', estimateTotalVariation, totalVariation, [even, [0.7, 0.1, 0.1, 0.1], [0.5, 0.5]]],
  ]
for (const [name, estimate, figure, truths] of covered) {
  test(`the interval of the ${name} covers even and uneven truths about as often as it says`, (t) => {
    for (const shares of truths) {
      const truth = figure(shares)
      const rng = Rng.seeded(12)
      let hits = 0
      for (let trial = 0; trial < 30; trial++) {
        const drawn = shares.map(() => 0)
        for (let i = 0; i < 100; i++) {
          let left = rng.uniform()
          const mode = shares.findIndex((share) => (left -= share) < 0)
          drawn[mode < 0 ? drawn.length - 1 : mode]++
        }
        const { value, low, high } = estimate(drawn, rng.fork('trial', trial))
        t.true(0 <= low && low <= value && value <= high && high <= 1)
        if (low <= truth + 1e-12 && truth <= high + 1e-12) hits++
      }
      t.true(hits >= 25, `${hits} of 30 for ${shares.length} modes`)
    }
  })
}

test('the entropy of a perfectly even policy is that of the binomial sum', (t) => {
  t.true(Math.abs(entropyCeiling(24, 100) - 0.9615575644825658) < 1e-9)
  t.true(Math.abs(entropyCeiling(2, 50) - 0.9854247125387559) < 1e-9)
  t.true(Math.abs(entropyCeiling(2, 1)) < 1e-12)
  t.is(entropyCeiling(1, 10), 1)
})
