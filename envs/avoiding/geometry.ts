/** The table of D3IL's avoiding task, seen from above. Lengths in metres, speeds in metres a second. */

export type Point = readonly [x: number, y: number]

export interface Obstacle {
  readonly centre: Point
  readonly radius: number
}

/** A line of obstacles across the way; the gaps between and beside them are what modes tell apart. */
export interface Row {
  readonly y: number
  readonly obstacles: readonly Obstacle[]
}

/** Where the rod stands when an episode starts, at rest. */
export const START: Point = [0.525, -0.28]

/** The rod that must not touch an obstacle. */
export const ROD_RADIUS = 0.01

/** An episode succeeds as soon as the rod's centre is beyond this line. */
export const GOAL_Y = 0.35

const obstacle = (x: number, y: number, radius: number): Obstacle => ({ centre: [x, y], radius })

/** The three rows in the order in which the rod meets them, obstacles from left to right. */
export const ROWS: readonly Row[] = [
  { y: -0.1, obstacles: [obstacle(0.5, -0.1, 0.03)] },
  { y: 0.08, obstacles: [obstacle(0.425, 0.08, 0.025), obstacle(0.575, 0.08, 0.025)] },
  {
    y: 0.26,
    obstacles: [obstacle(0.35, 0.26, 0.025), obstacle(0.5, 0.26, 0.025), obstacle(0.65, 0.26, 0.025)],
  },
]

export const OBSTACLES: readonly Obstacle[] = ROWS.flatMap((row) => row.obstacles)

/** Distance from the rod's surface to the nearest obstacle's; negative while they overlap. */
export function clearance(x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY
  for (const { centre, radius } of OBSTACLES) {
    const dx = x - centre[0]
    const dy = y - centre[1]
    nearest = Math.min(nearest, Math.sqrt(dx * dx + dy * dy) - radius)
  }
  return nearest - ROD_RADIUS
}

/** The least {@link clearance} on the straight way between two points. */
export function clearanceOfSegment(from: Point, to: Point): number {
  const dx = to[0] - from[0]
  const dy = to[1] - from[1]
  const squared = dx * dx + dy * dy
  let nearest = Number.POSITIVE_INFINITY
  for (const { centre, radius } of OBSTACLES) {
    const along = ((centre[0] - from[0]) * dx + (centre[1] - from[1]) * dy) / squared
    const part = squared === 0 ? 0 : Math.min(1, Math.max(0, along))
    const x = centre[0] - from[0] - part * dx
    const y = centre[1] - from[1] - part * dy
    nearest = Math.min(nearest, Math.sqrt(x * x + y * y) - radius)
  }
  return nearest - ROD_RADIUS
}
