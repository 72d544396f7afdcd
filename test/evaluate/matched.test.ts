import test from 'ava'
import { figureAtSuccess, matchPair } from '../../src/evaluate/matched.ts'

const curve = (...values: number[]) => values.map((value, i) => ({ at: 100 * (i + 1), value }))
const near = (actual: number | null | undefined, expected: number) =>
  Math.abs((actual ?? Number.NaN) - expected) < 1e-12

const slow = { success: curve(0.2, 0.4, 0.8), figure: curve(0.5, 0.4, 0.2) }
const fast = { success: curve(0.6, 0.9, 0.9), figure: curve(0.1, 0.3, 0.3) }
const poor = { success: curve(0.1, 0.2, 0.3), figure: curve(0, 0, 0) }

test('a figure is read where a run first is as successful', (t) => {
  t.is(figureAtSuccess(slow, 0.4), 0.4)
  t.true(near(figureAtSuccess(slow, 0.6), 0.3))
  t.true(near(figureAtSuccess(fast, 0.75), 0.2))
})

test('a run that stays below a level, or is first seen above it, has no figure there', (t) => {
  t.is(figureAtSuccess(slow, 0.9), null)
  t.is(figureAtSuccess(fast, 0.5), null)
  t.is(figureAtSuccess(fast, 0.6), 0.1)
  // Within chance of the level it counts as being there.
  t.is(figureAtSuccess(fast, 0.59), 0.1)
  t.is(figureAtSuccess(fast, 0.57), null)
})

test('two runs are matched at the highest success that both reached', (t) => {
  const pair = matchPair(slow, fast)
  t.is(pair?.level, 0.8)
  t.is(pair?.a, 0.2)
  t.true(near(pair?.b, 0.1 + (0.2 / 0.3) * 0.2))
})

test('a run that starts above all that the other comes to is never as successful', (t) => {
  t.is(matchPair(fast, poor), null)
  t.is(matchPair(poor, fast), null)
})
