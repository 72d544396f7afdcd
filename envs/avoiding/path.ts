import type { Rng } from '../../src/random/rng.ts'
import { type Point, ROD_RADIUS, ROWS, START } from './geometry.ts'
import type { Gaps } from './modes.ts'

/** Half the width of a gap's stretch in which paths pass; 25 mm are left free to either contact. */
const SPREAD = 0.015
/** Distance of an outer gap's middle from the point where the rod would touch the outermost obstacle. */
const OUTSIDE = 0.04
/** Steepest dx/dy in a gap: at more, a path comes too near to the obstacles beside it. */
const MAX_SLOPE = 0.4
/** Where paths end, beyond the goal line. */
const END_Y = 0.42

/** A way through the table as x(y), y rising: quintic pieces from row to row, curvature continuous. */
export interface Path {
  /** Heights where pieces join, the start's first. */
  readonly y: readonly number[]
  readonly x: readonly number[]
  /** dx/dy at the joints. */
  readonly slope: readonly number[]
  /** A sidewards bulge within each piece, in m at its middle. */
  readonly bulge: readonly number[]
}

/** The middle of gap `gap` of row `index`, where the free way is widest. */
function middle(index: number, gap: number): number {
  const { obstacles } = ROWS[index]
  const reach = obstacles[0].radius + ROD_RADIUS + OUTSIDE
  if (gap === 0) return obstacles[0].centre[0] - reach
  if (gap === obstacles.length) return obstacles[gap - 1].centre[0] + reach
  return (obstacles[gap - 1].centre[0] + obstacles[gap].centre[0]) / 2
}

const between = (rng: Rng, low: number, high: number) => low + (high - low) * rng.uniform()

/**
 * A random smooth path through the given gaps. Each piece depends on the next gap and, through the slope in
 * between, on the one after it: what a path will do is never decided long before it can be seen.
 */
export function randomPath(gaps: Gaps, rng: Rng): Path {
  const y = [START[1], ...ROWS.map((row) => row.y), END_Y]
  const x = [START[0], ...gaps.map((gap, index) => middle(index, gap) + between(rng, -SPREAD, SPREAD))]
  const slope = x.map((_, i) => {
    const before = Math.max(i - 1, 0)
    const after = Math.min(i + 1, x.length - 1)
    const mean = (x[after] - x[before]) / (y[after] - y[before])
    return Math.max(-MAX_SLOPE, Math.min(MAX_SLOPE, 0.5 * mean + between(rng, -0.1, 0.1)))
  })
  x.push(x[3] + slope[3] * (y[4] - y[3]))
  slope.push(slope[3])
  const bulge = [0.01, 0.01, 0.01, 0].map((most) => between(rng, -most, most))
  return { y, x, slope, bulge }
}

/** The path's point at height `height`, and dx/dy there. */
export function pathAt(path: Path, height: number): { readonly point: Point; readonly slope: number } {
  let i = 0
  while (i < path.y.length - 2 && height >= path.y[i + 1]) i++
  const length = path.y[i + 1] - path.y[i]
  const s = (height - path.y[i]) / length
  // Quintic Hermite piece without curvature at its ends, and a bulge whose first two derivatives vanish there.
  const from = path.x[i]
  const step = path.x[i + 1] - from
  const start = path.slope[i] * length
  const end = path.slope[i + 1] * length
  const c3 = 10 * step - 6 * start - 4 * end
  const c4 = -15 * step + 8 * start + 7 * end
  const c5 = 6 * step - 3 * start - 3 * end
  const hump = s * (1 - s)
  const bulge = 64 * path.bulge[i] * hump * hump
  const x = from + s * (start + s * s * (c3 + s * (c4 + s * c5))) + bulge * hump
  const rate = start + s * s * (3 * c3 + s * (4 * c4 + s * 5 * c5)) + 3 * bulge * (1 - 2 * s)
  return { point: [x, height], slope: rate / length }
}
