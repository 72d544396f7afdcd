import { AREA, BAR, BLOCK_RADIUS, CENTRE, GOAL, type Rectangle, STEM } from './geometry.ts'
import { BODY, type PushTState } from './state.ts'

/** Covered share of the goal at which the task is solved. */
export const SOLVED = 0.95

const GOAL_COS = Math.cos(GOAL.angle)
const GOAL_SIN = Math.sin(GOAL.angle)

const PARTS: readonly Rectangle[] = [BAR, STEM]

/** A quadrilateral clipped by four lines has at most eight corners: x, y of each. */
const CORNERS = 16
const first = new Float64Array(CORNERS)
const second = new Float64Array(CORNERS)

/**
 * Share of the goal's area that the block covers, in [0, 1]: the sum over the four pairs of rectangles of block
 * and goal, which do not overlap among themselves.
 *
 * @param bodies laid out as {@link BODY}
 */
export function coverageOf(bodies: Float64Array): number {
  // The block's centre of gravity and direction in the goal's frame.
  const dx = bodies[BODY.centreX] - GOAL.x
  const dy = bodies[BODY.centreY] - GOAL.y
  const x = dx * GOAL_COS + dy * GOAL_SIN
  const y = dy * GOAL_COS - dx * GOAL_SIN
  if (x * x + (y - CENTRE) * (y - CENTRE) > 4 * BLOCK_RADIUS * BLOCK_RADIUS) return 0
  const turn = bodies[BODY.angle] - GOAL.angle
  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  let area = 0
  for (const part of PARTS) {
    for (const goal of PARTS) area += overlap(part, goal, x, y, cos, sin)
  }
  return area / AREA
}

/** {@link coverageOf} of a state. */
export function coverage(state: PushTState): number {
  return coverageOf(state.bodies)
}

/** Area that `part`, turned and with the block's centre of gravity at (x, y), shares with `goal`. */
function overlap(part: Rectangle, goal: Rectangle, x: number, y: number, cos: number, sin: number): number {
  let left = Number.POSITIVE_INFINITY
  let right = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  let top = Number.NEGATIVE_INFINITY
  for (let k = 0; k < 4; k++) {
    const u = k === 0 || k === 3 ? part.left : part.right
    const v = (k < 2 ? part.bottom : part.top) - CENTRE
    const cornerX = x + u * cos - v * sin
    const cornerY = y + u * sin + v * cos
    first[2 * k] = cornerX
    first[2 * k + 1] = cornerY
    if (cornerX < left) left = cornerX
    if (cornerX > right) right = cornerX
    if (cornerY < bottom) bottom = cornerY
    if (cornerY > top) top = cornerY
  }
  if (left >= goal.right || right <= goal.left || bottom >= goal.top || top <= goal.bottom) return 0
  let from = first
  let to = second
  let count = 4
  const swap = (clipped: number): void => {
    count = clipped
    const held = from
    from = to
    to = held
  }
  if (left < goal.left) swap(clip(from, count, to, 0, 1, goal.left))
  if (right > goal.right) swap(clip(from, count, to, 0, -1, goal.right))
  if (bottom < goal.bottom) swap(clip(from, count, to, 1, 1, goal.bottom))
  if (top > goal.top) swap(clip(from, count, to, 1, -1, goal.top))
  return shoelace(from, count)
}

/**
 * Keeps the part of a convex polygon in which sign · (coordinate − limit) ≥ 0 (Sutherland and Hodgman 1974).
 *
 * @param axis 0 for x, 1 for y
 * @returns number of corners written to `to`
 */
function clip(
  from: Float64Array,
  count: number,
  to: Float64Array,
  axis: number,
  sign: number,
  limit: number,
): number {
  let kept = 0
  let lastX = from[2 * count - 2]
  let lastY = from[2 * count - 1]
  let lastInside = sign * (from[2 * (count - 1) + axis] - limit)
  for (let i = 0; i < count; i++) {
    const x = from[2 * i]
    const y = from[2 * i + 1]
    const inside = sign * ((axis === 0 ? x : y) - limit)
    if (inside >= 0 !== lastInside >= 0) {
      const share = lastInside / (lastInside - inside)
      to[2 * kept] = lastX + (x - lastX) * share
      to[2 * kept + 1] = lastY + (y - lastY) * share
      kept++
    }
    if (inside >= 0) {
      to[2 * kept] = x
      to[2 * kept + 1] = y
      kept++
    }
    lastX = x
    lastY = y
    lastInside = inside
  }
  return kept
}

/** Area of a counter-clockwise polygon. */
function shoelace(corners: Float64Array, count: number): number {
  if (count < 3) return 0
  const originX = corners[0]
  const originY = corners[1]
  let twice = 0
  for (let i = 1; i + 1 < count; i++) {
    const ax = corners[2 * i] - originX
    const ay = corners[2 * i + 1] - originY
    const bx = corners[2 * i + 2] - originX
    const by = corners[2 * i + 3] - originY
    twice += ax * by - ay * bx
  }
  return twice / 2
}
