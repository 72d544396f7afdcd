import { type CurvePoint, reach } from './threshold.ts'

/** A run on its way: how successful it was, and another figure, such as the total variation of its modes. */
export interface MatchedCurve {
  readonly success: readonly CurvePoint[]
  /** At the same places as the successes. */
  readonly figure: readonly CurvePoint[]
}

/**
 * How far above a level of success a run's first point may lie and still count as being at it: two of a hundred
 * episodes, less than the chance error of a few hundred.
 */
export const AT_LEVEL = 0.02

/**
 * Another figure of a run where it first was as successful as `level`, interpolated as {@link reach} does: what is
 * bought by failing more, such as variety, is not counted.
 *
 * @returns null if the run never was: it stayed below, or its first point is already above by more than
 *   {@link AT_LEVEL}
 */
export function figureAtSuccess({ success, figure }: MatchedCurve, level: number): number | null {
  const { reached, at } = reach(success, level)
  if (!reached || success[0].value > level + AT_LEVEL) return null
  const index = figure.findIndex((point) => point.at >= at)
  const after = figure[index]
  if (index === 0 || after.at === at) return after.value
  const before = figure[index - 1]
  return before.value + ((at - before.at) / (after.at - before.at)) * (after.value - before.value)
}

/** Two runs where both were equally successful for the first time. */
export interface MatchedPair {
  /** The success that they have in common. */
  readonly level: number
  readonly a: number
  readonly b: number
}

/**
 * The figures of two runs at the highest success that both of them reached.
 *
 * @returns null if they never were equally successful: one starts above all that the other comes to
 */
export function matchPair(a: MatchedCurve, b: MatchedCurve): MatchedPair | null {
  const level = Math.min(...[a, b].map(({ success }) => Math.max(...success.map(({ value }) => value))))
  const [one, other] = [figureAtSuccess(a, level), figureAtSuccess(b, level)]
  return one === null || other === null ? null : { level, a: one, b: other }
}
