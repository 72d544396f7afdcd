import { addContact, type Contacts } from './contacts.ts'
import { WALL_HIGH, WALL_LOW, WALL_RADIUS } from './geometry.ts'

/** A wall: a segment from a to b, with the normal into the room on its left. */
export interface Wall {
  readonly ax: number
  readonly ay: number
  readonly bx: number
  readonly by: number
  readonly normalX: number
  readonly normalY: number
}

const wall = (ax: number, ay: number, bx: number, by: number): Wall => ({
  ax,
  ay,
  bx,
  by,
  normalX: Math.sign(by - ay),
  normalY: -Math.sign(bx - ax),
})

/** In the order in which gym-pusht adds them to its world: x low, y low, x high, y high. */
export const WALLS: readonly Wall[] = [
  wall(WALL_LOW, WALL_LOW, WALL_LOW, WALL_HIGH),
  wall(WALL_HIGH, WALL_LOW, WALL_LOW, WALL_LOW),
  wall(WALL_HIGH, WALL_HIGH, WALL_HIGH, WALL_LOW),
  wall(WALL_LOW, WALL_HIGH, WALL_HIGH, WALL_HIGH),
]

const LENGTH = WALL_HIGH - WALL_LOW

/** A rectangle of the block as it lies in the world. */
export interface PlacedRectangle {
  /** x, y of the four corners, counter-clockwise, from the low corner of the block's frame. */
  readonly corners: Float64Array
  /** x, y of the outward normal of the side that ends in each corner. */
  readonly normals: Float64Array
}

/** The unit normal found last, from the wall to the rectangle. */
const found = { normalX: 0, normalY: 0 }

/**
 * Adds the contacts of a wall and a rectangle: none, or up to two, where the side of the rectangle that faces
 * the wall is within the wall's radius. The normal is the one of least overlap, or that of the closest points
 * where wall and rectangle do not overlap.
 *
 * @param pair number of this pair of shapes
 * @param centreX with centreY: the block's centre of gravity
 * @param rate share of an overlap taken away a second
 */
export function addWallContacts(
  contacts: Contacts,
  memory: Float64Array,
  pair: number,
  wall: Wall,
  rectangle: PlacedRectangle,
  centreX: number,
  centreY: number,
  rate: number,
): void {
  if (!separate(wall, rectangle)) return
  const { normalX, normalY } = found
  const { corners, normals } = rectangle
  // The side of the wall that faces the rectangle, its ends in counter-clockwise order.
  const facing = wall.normalX * normalX + wall.normalY * normalY > 0
  const ax = facing ? wall.ax : wall.bx
  const ay = facing ? wall.ay : wall.by
  const bx = facing ? wall.bx : wall.ax
  const by = facing ? wall.by : wall.ay
  // The side of the rectangle that faces the wall.
  let corner = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 4; i++) {
    const height = corners[2 * i] * normalX + corners[2 * i + 1] * normalY
    if (height < least) {
      least = height
      corner = i
    }
  }
  const next = (corner + 1) & 3
  const turnedBack =
    normals[2 * corner] * normalX + normals[2 * corner + 1] * normalY <
    normals[2 * next] * normalX + normals[2 * next + 1] * normalY
  const from = turnedBack ? (corner + 3) & 3 : corner
  const to = (from + 1) & 3
  const fromX = corners[2 * from]
  const fromY = corners[2 * from + 1]
  const toX = corners[2 * to]
  const toY = corners[2 * to + 1]
  // Places along the wall; the sides run in opposite directions, so the ends meet crosswise.
  const a = ax * normalY - ay * normalX
  const b = bx * normalY - by * normalX
  const c = fromX * normalY - fromY * normalX
  const d = toX * normalY - toY * normalX
  const wallScale = 1 / (b - a + Number.MIN_VALUE)
  const sideScale = 1 / (d - c + Number.MIN_VALUE)
  for (let i = 0; i < 2; i++) {
    const onWall = unit(((i === 0 ? d : c) - a) * wallScale)
    const onSide = unit(((i === 0 ? a : b) - c) * sideScale)
    const wallX = ax + (bx - ax) * onWall + normalX * WALL_RADIUS
    const wallY = ay + (by - ay) * onWall + normalY * WALL_RADIUS
    const sideX = fromX + (toX - fromX) * onSide
    const sideY = fromY + (toY - fromY) * onSide
    const distance = (sideX - wallX) * normalX + (sideY - wallY) * normalY
    if (distance > 0) continue
    const end = (i === 0) === facing ? 0 : 1
    const feature = 4 * end + (i === 0 ? to : from)
    addContact(
      contacts,
      memory,
      pair,
      feature,
      normalX,
      normalY,
      sideX - centreX,
      sideY - centreY,
      distance,
      0,
      rate,
    )
  }
}

function unit(share: number): number {
  return share < 0 ? 0 : Math.min(share, 1)
}

/** Fills {@link found}; false where wall and rectangle do not touch. */
function separate(wall: Wall, { corners, normals }: PlacedRectangle): boolean {
  const { ax, ay, bx, by, normalX, normalY } = wall
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let lowest = 0
  for (let i = 0; i < 4; i++) {
    const height = (corners[2 * i] - ax) * normalX + (corners[2 * i + 1] - ay) * normalY
    if (height < low) {
      low = height
      lowest = i
    }
    if (height > high) high = height
  }
  if (low > WALL_RADIUS || high < -WALL_RADIUS) return false
  if (low > 0) {
    const place = (corners[2 * lowest] - ax) * -normalY + (corners[2 * lowest + 1] - ay) * normalX
    // Directions along the wall are the normal turned left, so `place` runs from a to b.
    if (place >= 0 && place <= LENGTH) return separated(normalX, normalY, low)
  }
  let best = low
  let bestX = normalX
  let bestY = normalY
  if (-high > best) {
    best = -high
    bestX = -normalX
    bestY = -normalY
  }
  for (let i = 0; i < 4; i++) {
    const x = normals[2 * i]
    const y = normals[2 * i + 1]
    const reach = corners[2 * i] * x + corners[2 * i + 1] * y
    const gap = Math.min(ax * x + ay * y, bx * x + by * y) - reach
    if (gap > best) {
      best = gap
      bestX = -x
      bestY = -y
    }
  }
  if (best <= 0) return separated(bestX, bestY, best)
  return closest(wall, corners)
}

function separated(normalX: number, normalY: number, distance: number): boolean {
  found.normalX = normalX
  found.normalY = normalY
  return distance <= WALL_RADIUS
}

/** The closest points of a wall and a rectangle apart: one of them is a corner, or an end of the wall. */
function closest(wall: Wall, corners: Float64Array): boolean {
  let best = Number.POSITIVE_INFINITY
  let bestX = 0
  let bestY = 0
  const offer = (x: number, y: number) => {
    const squared = x * x + y * y
    if (squared >= best) return
    best = squared
    bestX = x
    bestY = y
  }
  for (let i = 0; i < 4; i++) {
    const x = corners[2 * i]
    const y = corners[2 * i + 1]
    const [nearX, nearY] = nearest(x, y, wall.ax, wall.ay, wall.bx, wall.by)
    offer(x - nearX, y - nearY)
    const next = (i + 1) & 3
    for (const [endX, endY] of [
      [wall.ax, wall.ay],
      [wall.bx, wall.by],
    ]) {
      const [sideX, sideY] = nearest(endX, endY, x, y, corners[2 * next], corners[2 * next + 1])
      offer(sideX - endX, sideY - endY)
    }
  }
  const distance = Math.sqrt(best)
  return separated(bestX / distance, bestY / distance, distance)
}

/** The point of the segment a–b nearest to (x, y). */
function nearest(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): readonly [number, number] {
  const dx = bx - ax
  const dy = by - ay
  const share = unit(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))
  return [ax + dx * share, ay + dy * share]
}
