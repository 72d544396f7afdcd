import { type CurvePoint, reach } from './threshold.ts'

/** A run on its way: how successful it was, and another figure, such as the total variation of its modes. */
export interface MatchedCurve {
  readonly success: readonly CurvePoint[]
  /** At the same places as the successes. */
  readonly figure: readonly CurvePoint[]
}

/**
 * Another figure of a run where it first was as successful as `level`, interpolated as {@link reach} does: what is
 * bought by failing more, such as variety, is not counted.
 *
 * @returns null if the run never was
 */
export function figureAtSuccess({ success, figure }: MatchedCurve, level: number): number | null {
  const { reached, at } = reach(success, level)
  if (!reached) return null
  const index = figure.findIndex((point) => point.at >= at)
  const after = figure[index]
  if (index === 0 || after.at === at) return after.value
  const before = figure[index - 1]
  return before.value + ((at - before.at) / (after.at - before.at)) * (after.value - before.value)
}

/**
 * The level to match two sets of runs at: the highest success that all of them reached.
 */
export function commonSuccess(curves: readonly MatchedCurve[]): number {
  return Math.min(...curves.map(({ success }) => Math.max(...success.map(({ value }) => value))))
}
