/** An axis-aligned rectangle in the block's own frame, in px. */
export interface Rectangle {
  readonly left: number
  readonly bottom: number
  readonly right: number
  readonly top: number
}

/** Side of the square world: coordinates run from 0 to 512 px. */
export const WORLD = 512

export const AGENT_RADIUS = 15

/**
 * The block is a T of two rectangles. Its own frame has the origin in the middle of the bar's outer side; the
 * stem points along +y.
 */
export const BAR: Rectangle = { left: -60, bottom: 0, right: 60, top: 30 }
export const STEM: Rectangle = { left: -15, bottom: 30, right: 15, top: 120 }

/** In the order in which gym-pusht adds them to its world. */
export const RECTANGLES: readonly Rectangle[] = [BAR, STEM]

/** Height of the centre of gravity above the origin of the block's frame, in px. */
export const CENTRE = 45

/** No point of the block is farther from its centre of gravity: the stem's far corners. */
export const BLOCK_RADIUS = Math.hypot(STEM.right, STEM.top - CENTRE)

/** Walls are segments of this radius along the sides of the square from {@link WALL_LOW} to {@link WALL_HIGH}. */
export const WALL_RADIUS = 2
export const WALL_LOW = 5
export const WALL_HIGH = 506

/** Where the block shall be: its origin (px) and angle (rad). */
export const GOAL = { x: 256, y: 256, angle: Math.PI / 4 }

/** The block's vertices in its own frame, bar first, each rectangle counter-clockwise where y points up. */
export const VERTICES: readonly (readonly [number, number])[] = [BAR, STEM].flatMap(
  ({ left, bottom, right, top }) => [
    [left, bottom] as const,
    [right, bottom] as const,
    [right, top] as const,
    [left, top] as const,
  ],
)

/** Area of the block, in px². */
export const AREA = [BAR, STEM].reduce((sum, r) => sum + (r.right - r.left) * (r.top - r.bottom), 0)

/** The points `local` of the block's frame in the world, for a block with its origin at (x, y). */
export function placed(
  local: readonly (readonly [number, number])[],
  x: number,
  y: number,
  angle: number,
): [number, number][] {
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  return local.map(([u, v]) => [x + u * cos - v * sin, y + u * sin + v * cos])
}
