/** Lengths in metres, x to the right, y up; the origin is the centre of the disc. */

/** The walls that stop the robot's centre. */
export const WORKSPACE = { low: [-1, -1.2], high: [1, 1.2] } as const
/** Height that episodes start at. */
export const START_HEIGHT = -1
/** With the `spread` start, x is uniform in ± this. */
export const START_SPREAD = 0.3
/** Crossing this height without having touched the disc is success. */
export const GOAL_HEIGHT = 1
export const DISC_RADIUS = 0.3
export const ROBOT_RADIUS = 0.05
/** The robot's centre touches the disc within this distance of its centre. */
export const CLEARANCE = DISC_RADIUS + ROBOT_RADIUS
/** Fastest velocity in each coordinate, m/s. */
export const MAX_SPEED = 1
/** Seconds that one action lasts. */
export const PERIOD = 0.1
export const MAX_STEPS = 100

/** Distance of the segment from (ax, ay) to (bx, by) from the origin. */
export function distanceFromDisc(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax
  const dy = by - ay
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squared))
  const x = ax + along * dx
  const y = ay + along * dy
  return Math.sqrt(x * x + y * y)
}
