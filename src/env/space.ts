import type { Rng } from '../random/rng.ts'
import type { Space } from './environment.ts'

/** Float32 rounding at a bound is not a violation: relative to the bound, and absolute near 0. */
const TOLERANCE = 1e-6

/** Number of coordinates. */
export function width(space: Space): number {
  return space.low.length
}

/**
 * A random point of `space`: uniform in each coordinate. A missing bound is replaced by the other bound ± 2,
 * or by ±1 where both are missing.
 */
export function sample(space: Space, rng: Rng): Float32Array {
  return Float32Array.from(space.low, (bound, i) => {
    const [low, high] = finiteRange(bound, space.high[i])
    return low + (high - low) * rng.uniform()
  })
}

/** Index of the first coordinate of `point` that lies outside `space` or is not a number, −1 if none does. */
export function firstOutside(space: Space, point: ArrayLike<number>): number {
  for (let i = 0; i < space.low.length; i++) {
    const low = space.low[i] - TOLERANCE * Math.max(1, Math.abs(space.low[i]))
    const high = space.high[i] + TOLERANCE * Math.max(1, Math.abs(space.high[i]))
    if (!(point[i] >= low && point[i] <= high)) return i
  }
  return -1
}

/** `point` with every coordinate moved to the nearest value inside `space`. */
export function clip(space: Pick<Space, 'low' | 'high'>, point: ArrayLike<number>): number[] {
  return space.low.map((low, i) => Math.min(Math.max(point[i], low), space.high[i]))
}

function finiteRange(low: number, high: number): [number, number] {
  if (Number.isFinite(low)) return [low, Number.isFinite(high) ? high : low + 2]
  return Number.isFinite(high) ? [high - 2, high] : [-1, 1]
}
