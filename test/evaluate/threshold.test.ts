import test from 'ava'
import fc from 'fast-check'
import { compareReach, reach, signTest, summarizeReach } from '../../src/evaluate/threshold.ts'

const curve = (...values: number[]) => values.map((value, i) => ({ at: 100 * (i + 1), value }))
const at = (steps: number) => ({ reached: true, at: steps, early: false })
const by = (steps: number) => ({ reached: true, at: steps, early: true })
const never = (steps: number) => ({ reached: false, at: steps, early: false })

test('a level is reached between the points around it', (t) => {
  t.deepEqual(reach(curve(0, 0.5, 1), 0.75), at(250))
  t.deepEqual(reach(curve(0, 0.5, 1), 0.5), at(200))
  t.deepEqual(reach(curve(0.6, 0.2), 0.5), by(100))
  t.deepEqual(reach(curve(0, 0.5, 0.4), 0.9), never(300))
  t.throws(() => reach([], 0.5), { name: 'InputError' })
})

test('higher levels are reached no sooner', (t) => {
  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
  const level = fc.double({ min: 0, max: 1, noNaN: true })
  const property = fc.property(values, level, level, (some, one, other) => {
    const low = reach(curve(...some), Math.min(one, other))
    const high = reach(curve(...some), Math.max(one, other))
    if (high.reached) t.true(low.reached && low.at <= high.at)
  })
  t.notThrows(() => fc.assert(property))
})

test('runs that never got there count as later than all that did', (t) => {
  const late = (runs: number, reached: number, median: number | null, neverBy: number | null) => ({
    runs,
    reached,
    median,
    early: false,
    neverBy,
  })
  t.deepEqual(summarizeReach([at(10), never(50), at(30)]), late(3, 2, 30, 50))
  t.deepEqual(summarizeReach([at(10), at(30)]), late(2, 2, 20, null))
  t.deepEqual(summarizeReach([at(10), never(50)]), late(2, 1, null, 50))
  t.deepEqual(summarizeReach([never(40), never(50)]), late(2, 0, null, 40))
})

test('a median is a bound where it hangs on runs that were past the level when first seen', (t) => {
  t.like(summarizeReach([by(10), by(10), never(50)]), { median: 10, early: true })
  t.like(summarizeReach([by(10), at(10), at(30)]), { median: 10, early: false })
  t.like(summarizeReach([by(10), at(30)]), { median: 20, early: true })
  // It may have come before both of the others.
  t.like(summarizeReach([at(10), at(20), by(30)]), { median: 20, early: true })
  t.like(summarizeReach([by(10), never(50), never(50)]), { median: null, early: false })
})

test('pairs are compared as far as they can be', (t) => {
  const a = [at(10), at(20), never(50), never(50), at(60)]
  const b = [at(20), never(50), at(10), never(50), never(50)]
  t.like(compareReach(a, b), { sooner: 2, later: 1, undecided: 2 })
  t.like(compareReach(b, a), { sooner: 1, later: 2, undecided: 2 })
})

test('runs past the level when first seen are told apart from later ones only', (t) => {
  const pairs: [ReturnType<typeof by>, ReturnType<typeof by>, number][] = [
    [by(10), by(10), 0],
    [by(10), by(20), 0],
    [by(10), at(20), 1],
    [by(10), at(10), 0],
    [by(20), at(10), 0],
    [by(10), never(50), 1],
  ]
  for (const [a, b, sooner] of pairs) {
    t.like(compareReach([a], [b]), { sooner, later: 0 })
    t.like(compareReach([b], [a]), { sooner: 0, later: sooner })
  }
})

test("the sign test is SciPy's", (t) => {
  t.is(signTest(1, 9), 0.021484375)
  t.is(signTest(3, 4), 1)
  t.is(signTest(5, 0), 0.0625)
  t.is(signTest(0, 0), 1)
})
