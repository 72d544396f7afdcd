import test from 'ava'
import { type Comparison, claimed, compareFigures, judge } from '../../src/benchmark/comparison.ts'
import { METRICS } from '../../src/benchmark/metric.ts'

const [side, against] = ['local', 'independent'].map((arm) => ({ arm, evaluations: 1 }))
const compared = (differences: readonly number[]): Comparison => {
  const figures = (of: (value: number) => number) =>
    new Map(differences.map((value, seed) => [seed, of(value)] as const))
  const half = figures(() => 0.5)
  return compareFigures(
    'two-way/mlp',
    side,
    against,
    METRICS.success,
    figures((value) => 0.5 + value),
    half,
  )!
}

/** A difference, told from none alone. */
const SOME = [0.05, 0.1, 0.15, 0.1, 0.2]
/** So clear that it is told among many. */
const CLEAR = [0.3, 0.31, 0.29, 0.3, 0.3]

test('a difference that was not told from none needs more seeds than it has, whatever it is judged with', (t) => {
  const [alone] = judge([compared(SOME)])
  t.true(claimed(alone))
  const many = judge(Array.from({ length: 20 }, () => compared(SOME)))
  for (const one of many) {
    t.false(claimed(one))
    t.true(one.needed > one.seeds, `${one.needed}`)
  }
  // What was found already no longer stands in the way of the others.
  const among = judge([compared(SOME), ...Array.from({ length: 19 }, () => compared(CLEAR))])
  t.true(claimed(among[0]))
})

test('too few seeds count as one comparison more than those that are open', (t) => {
  const [few, none] = judge([compared([0.1, 0.2, 0]), compared([0.1, -0.1, 0.1, -0.1, 0.01])])
  t.is(few.adjusted, null)
  t.true(few.needed > judge([compared([0.1, 0.2, 0])])[0].needed)
  t.true(none.needed > 200)
  t.is(judge([compared([0.1])])[0].needed, Number.POSITIVE_INFINITY)
})
