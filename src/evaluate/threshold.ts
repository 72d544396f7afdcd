import { InputError } from '../errors.ts'

/** A figure on the way through training. */
export interface CurvePoint {
  /** Training steps, or seconds. */
  readonly at: number
  readonly value: number
}

/** When a curve first reached a level: at `at`, or never by `at`, the end of the curve. */
export interface Reached {
  readonly reached: boolean
  readonly at: number
  /** It was past the level at its first point already, so it reached it by `at`, nobody knows when. */
  readonly early: boolean
}

/**
 * When a curve first reaches a level. Between points it is taken to be straight, so the answer lies between the
 * last point below the level and the first one at or above it.
 *
 * @param curve in ascending order of `at`, at least one point
 * @throws InputError for an empty curve
 */
export function reach(curve: readonly CurvePoint[], level: number): Reached {
  const end = curve.at(-1)
  if (!end) throw new InputError('A curve without points reaches nothing; evaluate the run at least once.')
  const index = curve.findIndex(({ value }) => value >= level)
  if (index < 0) return { reached: false, at: end.at, early: false }
  const { at, value } = curve[index]
  if (index === 0) return { reached: true, at, early: true }
  const before = curve[index - 1]
  const part = (level - before.value) / (value - before.value)
  return { reached: true, at: before.at + part * (at - before.at), early: false }
}

/** How soon several runs reached a level. */
export interface ReachSummary {
  readonly runs: number
  readonly reached: number
  /** Median over all runs, those that never reached it counted as later than any that did; null if that is one of them. */
  readonly median: number | null
  /** The median is no later than that, but may be sooner: runs that it hangs on were past the level when first seen. */
  readonly early: boolean
  /** The shortest of the runs that never reached it, `never by` that; null if all did. */
  readonly neverBy: number | null
}

/** Sums up runs of which some never got there. @throws InputError without runs */
export function summarizeReach(all: readonly Reached[]): ReachSummary {
  if (all.length === 0) throw new InputError('There are no runs to sum up; give at least one.')
  const sorted = all
    .filter(({ reached }) => reached)
    .toSorted((a, b) => a.at - b.at || Number(b.early) - Number(a.early))
  const late = all.filter(({ reached }) => !reached).map(({ at }) => at)
  const middle = (all.length - 1) >> 1
  const [low, high] = [sorted[middle], sorted[all.length >> 1]]
  return {
    runs: all.length,
    reached: sorted.length,
    median: high === undefined ? null : (low.at + high.at) / 2,
    // Those before the middle stay before it, however early they were.
    early: high !== undefined && sorted.slice(middle).some(({ early }) => early),
    neverBy: late.length > 0 ? Math.min(...late) : null,
  }
}

/** How often one arm was sooner than its pair. */
export interface SoonerCount {
  readonly sooner: number
  readonly later: number
  /** Neither got there, or one did after the other's end: nobody knows. */
  readonly undecided: number
  /** Two-sided p-value of the sign test over the decided pairs. */
  readonly p: number
}

/**
 * Compares when paired runs reached a level. A run that never did by its end counts as later than one that did
 * before that end. One that was past the level when first seen is sooner than what comes after that, and is told
 * apart from nothing else.
 */
export function compareReach(a: readonly Reached[], b: readonly Reached[]): SoonerCount {
  const signs = a.map((one, i) => order(one, b[i]))
  const sooner = signs.filter((sign) => sign < 0).length
  const later = signs.filter((sign) => sign > 0).length
  return { sooner, later, undecided: signs.length - sooner - later, p: signTest(sooner, later) }
}

function order(a: Reached, b: Reached): number {
  if (a.reached && b.reached) {
    const sign = Math.sign(a.at - b.at)
    return (sign < 0 ? b : a).early ? 0 : sign
  }
  if (a.reached) return a.at <= b.at ? -1 : 0
  if (b.reached) return b.at <= a.at ? 1 : 0
  return 0
}

/** Two-sided p-value of `plus` heads and `minus` tails of a fair coin. */
export function signTest(plus: number, minus: number): number {
  const n = plus + minus
  let probability = 0.5 ** n
  let tail = 0
  for (let k = 0; k <= Math.min(plus, minus); k++) {
    tail += probability
    probability *= (n - k) / (k + 1)
  }
  return Math.min(1, 2 * tail)
}
