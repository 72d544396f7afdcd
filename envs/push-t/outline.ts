import { AGENT_RADIUS, BAR, type Rectangle, STEM } from './geometry.ts'

type Point = readonly [number, number]

/** Corners of the T's outline in the block's frame, counter-clockwise where y points up. */
const OUTLINE: readonly Point[] = [
  [BAR.left, BAR.bottom],
  [BAR.right, BAR.bottom],
  [BAR.right, BAR.top],
  [STEM.right, BAR.top],
  [STEM.right, STEM.top],
  [STEM.left, STEM.top],
  [STEM.left, BAR.top],
  [BAR.left, BAR.top],
]

const SIDES = OUTLINE.map((from, i) => {
  const to = OUTLINE[(i + 1) % OUTLINE.length]
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  return { from, length, alongX: (to[0] - from[0]) / length, alongY: (to[1] - from[1]) / length }
})

/** Length of the outline, in px. */
export const PERIMETER = SIDES.reduce((sum, { length }) => sum + length, 0)

/** The point of the outline at `place` px from its first corner, any number, and the outward normal there. */
export function outlineAt(place: number): { readonly point: Point; readonly normal: Point } {
  let rest = ((place % PERIMETER) + PERIMETER) % PERIMETER
  let side = SIDES[0]
  for (side of SIDES) {
    if (rest <= side.length) break
    rest -= side.length
  }
  const { from, alongX, alongY } = side
  return { point: [from[0] + alongX * rest, from[1] + alongY * rest], normal: [alongY, -alongX] }
}

/** The agent's centre keeps this far from the block on its way around it, in px. */
const CLEARANCE = AGENT_RADIUS + 4

const inflated = (r: Rectangle, by: number): Rectangle => ({
  left: r.left - by,
  bottom: r.bottom - by,
  right: r.right + by,
  top: r.top + by,
})

const OBSTACLES = [inflated(BAR, CLEARANCE), inflated(STEM, CLEARANCE)]

/** Where a way around the block may bend: just outside the corners of the T that point outwards. */
const BENDS: readonly Point[] = [inflated(BAR, CLEARANCE + 1), inflated(STEM, CLEARANCE + 1)].flatMap(
  ({ left, bottom, right, top }, i): Point[] => [
    [left, top],
    [right, top],
    ...(i === 0
      ? ([
          [left, bottom],
          [right, bottom],
        ] as Point[])
      : []),
  ],
)

const within = (r: Rectangle, [x, y]: Point) => x > r.left && x < r.right && y > r.bottom && y < r.top

/** Whether the agent can be at `point` with room to spare. */
export function isClear(point: Point): boolean {
  return !OBSTACLES.some((obstacle) => within(obstacle, point))
}

/** Whether the straight way from `a` to `b` crosses a rectangle (clipping of Liang and Barsky 1984). */
function crosses({ left, bottom, right, top }: Rectangle, a: Point, b: Point): boolean {
  let enter = 0
  let leave = 1
  for (const [start, delta, low, high] of [
    [a[0], b[0] - a[0], left, right],
    [a[1], b[1] - a[1], bottom, top],
  ]) {
    if (delta === 0) {
      if (start <= low || start >= high) return false
      continue
    }
    const first = (low - start) / delta
    const second = (high - start) / delta
    enter = Math.max(enter, Math.min(first, second))
    leave = Math.min(leave, Math.max(first, second))
  }
  return enter < leave
}

const isOpen = (a: Point, b: Point) => !OBSTACLES.some((obstacle) => crosses(obstacle, a, b))

/** The nearest place beside an obstacle that `point` is in, if it is in one. */
function outOf(point: Point): Point {
  let [x, y] = point
  for (const obstacle of OBSTACLES) {
    if (!within(obstacle, [x, y])) continue
    const { left, bottom, right, top } = obstacle
    const nearest = Math.min(x - left, right - x, y - bottom, top - y)
    if (nearest === x - left) x = left
    else if (nearest === right - x) x = right
    else if (nearest === y - bottom) y = bottom
    else y = top
  }
  return [x, y]
}

/**
 * The shortest way around the block, in its frame: straight pieces that keep clear of it.
 *
 * @param from where to start; if that is too near to the block, the way first leads straight away from it
 * @param to a clear place
 * @param allowed whether the way may bend at a point
 * @returns the points after `from`, or undefined if there is no way
 */
export function wayAround(from: Point, to: Point, allowed: (point: Point) => boolean): Point[] | undefined {
  const start = outOf(from)
  const nodes: Point[] = [start, ...BENDS.filter(allowed), to]
  const last = nodes.length - 1
  const cost = nodes.map(() => Number.POSITIVE_INFINITY)
  const before = nodes.map(() => -1)
  const done = nodes.map(() => false)
  cost[0] = 0
  for (;;) {
    let here = -1
    for (let i = 0; i <= last; i++) if (!done[i] && (here < 0 || cost[i] < cost[here])) here = i
    if (here < 0 || cost[here] === Number.POSITIVE_INFINITY) return undefined
    if (here === last) break
    done[here] = true
    for (let i = 1; i <= last; i++) {
      if (done[i] || !isOpen(nodes[here], nodes[i])) continue
      const length = cost[here] + Math.hypot(nodes[i][0] - nodes[here][0], nodes[i][1] - nodes[here][1])
      if (length >= cost[i]) continue
      cost[i] = length
      before[i] = here
    }
  }
  const way: Point[] = []
  for (let i = last; i > 0; i = before[i]) way.unshift(nodes[i])
  if (start[0] !== from[0] || start[1] !== from[1]) way.unshift(start)
  return way
}
