import test from 'ava'
import fc from 'fast-check'
import { commonSuccess, figureAtSuccess } from '../../src/evaluate/matched.ts'
import { compareReach, reach, signTest, summarizeReach } from '../../src/evaluate/threshold.ts'

const curve = (...values: number[]) => values.map((value, i) => ({ at: 100 * (i + 1), value }))
const at = (steps: number) => ({ reached: true, at: steps })
const never = (steps: number) => ({ reached: false, at: steps })

test('a level is reached between the points around it', (t) => {
  t.deepEqual(reach(curve(0, 0.5, 1), 0.75), at(250))
  t.deepEqual(reach(curve(0, 0.5, 1), 0.5), at(200))
  t.deepEqual(reach(curve(0.6, 0.2), 0.5), at(100))
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
  t.deepEqual(summarizeReach([at(10), never(50), at(30)]), { runs: 3, reached: 2, median: 30, neverBy: 50 })
  t.deepEqual(summarizeReach([at(10), at(30)]), { runs: 2, reached: 2, median: 20, neverBy: null })
  t.deepEqual(summarizeReach([at(10), never(50)]), { runs: 2, reached: 1, median: null, neverBy: 50 })
  t.deepEqual(summarizeReach([never(40), never(50)]), { runs: 2, reached: 0, median: null, neverBy: 40 })
})

test('pairs are compared as far as they can be', (t) => {
  const a = [at(10), at(20), never(50), never(50), at(60)]
  const b = [at(20), never(50), at(10), never(50), never(50)]
  t.like(compareReach(a, b), { sooner: 2, later: 1, undecided: 2 })
  t.like(compareReach(b, a), { sooner: 1, later: 2, undecided: 2 })
})

test("the sign test is SciPy's", (t) => {
  t.is(signTest(1, 9), 0.021484375)
  t.is(signTest(3, 4), 1)
  t.is(signTest(5, 0), 0.0625)
  t.is(signTest(0, 0), 1)
})

test('a figure is compared where runs are equally successful', (t) => {
  const slow = { success: curve(0.2, 0.4, 0.8), figure: curve(0.5, 0.4, 0.2) }
  const fast = { success: curve(0.6, 0.9, 0.9), figure: curve(0.1, 0.3, 0.3) }
  t.is(commonSuccess([slow, fast]), 0.8)
  t.is(figureAtSuccess(slow, 0.4), 0.4)
  t.true(Math.abs(figureAtSuccess(slow, 0.6)! - 0.3) < 1e-12)
  t.is(figureAtSuccess(fast, 0.5), 0.1)
  t.is(figureAtSuccess(slow, 0.9), null)
})
