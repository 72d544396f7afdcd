import { AGENT_RADIUS, CENTRE, RECTANGLES } from './geometry.ts'
import { WALLS } from './wall-contacts.ts'

/**
 * The order in which the solver visits pairs of shapes. Pressed against a wall it has not converged after its
 * ten passes, so the order shows in where the block goes. Chipmunk 7 takes pairs as its broad phase comes upon
 * them. That is a binary tree of boxes larger than the shapes, into which a shape is inserted anew when it leaves
 * its box; and a list for each shape of the pairs found since, the newest first. The tree is walked from left to
 * right, and a pair is visited at the turn of the later of its shapes. Walls come before all others.
 *
 * Of all that, three moving shapes and four walls leave little to remember: the boxes, the order of the shapes
 * in the tree, and which pairs were found first where several are visited at the same turn. How the tree is
 * nested would matter for an agent that is both last in it and inserted anew, but no shape is inserted last.
 * Pairs whose boxes do not overlap need no care: their shapes do not touch until one of them is inserted anew.
 */

/** The moving shapes: a rectangle has its index as its number. */
const AGENT = RECTANGLES.length
const SHAPES = RECTANGLES.length + 1

/** Left, bottom, right and top, in px. */
const BOX = 4

/** Places in a record: first a box for each shape; the shapes in the order of the tree; */
const TURNS = SHAPES * BOX
/** for each rectangle, 1 if it met the walls after the agent; */
const AGENT_FIRST = TURNS + SHAPES
/** the rectangle that met the agent last. */
const NEWEST = AGENT_FIRST + RECTANGLES.length
/** Numbers in a record. */
export const ORDER_SIZE = NEWEST + 1

/** Pairs of shapes in {@link visits}. */
export const VISITS = RECTANGLES.length * (1 + WALLS.length)

/**
 * A box exceeds its shape by this share of the shape's size on each side; or, where that is more, by the way
 * that the shape goes in as many seconds. Chipmunk holds it in single precision.
 */
const MARGIN = Math.fround(0.1)

/** The rectangles lie on the block's axis: height of the middle above the centre of gravity, and halves of sides. */
const SIZES = RECTANGLES.map(({ bottom, right, top }) => ({
  rise: (bottom + top) / 2 - CENTRE,
  halfWidth: right,
  halfHeight: (top - bottom) / 2,
}))

/** Whether a shape, halfWidth and halfHeight large about (x, y), has left its box. */
function hasLeft(
  order: Float64Array,
  number: number,
  x: number,
  y: number,
  halfWidth: number,
  halfHeight: number,
): boolean {
  const at = number * BOX
  return (
    x - halfWidth < order[at] ||
    y - halfHeight < order[at + 1] ||
    x + halfWidth > order[at + 2] ||
    y + halfHeight > order[at + 3]
  )
}

/** Gives a shape a new box. */
function enclose(
  order: Float64Array,
  number: number,
  x: number,
  y: number,
  halfWidth: number,
  halfHeight: number,
  velocityX: number,
  velocityY: number,
): void {
  const at = number * BOX
  const marginX = 2 * halfWidth * MARGIN
  const marginY = 2 * halfHeight * MARGIN
  order[at] = x - halfWidth + Math.min(-marginX, velocityX * MARGIN)
  order[at + 1] = y - halfHeight + Math.min(-marginY, velocityY * MARGIN)
  order[at + 2] = x + halfWidth + Math.max(marginX, velocityX * MARGIN)
  order[at + 3] = y + halfHeight + Math.max(marginY, velocityY * MARGIN)
}

/** Inserts a shape before one of the other two, `a` before `b` in the tree: where the boxes grow less. */
function insert(order: Float64Array, number: number, a: number, b: number): void {
  let costA = area(order, b, b) + area(order, a, number)
  let costB = area(order, a, a) + area(order, b, number)
  if (costA === costB) {
    costA = distance(order, a, number)
    costB = distance(order, b, number)
  }
  order[TURNS] = costB < costA ? a : number
  order[TURNS + 1] = costB < costA ? number : a
  order[TURNS + 2] = b
}

/** Takes a shape out of the tree and inserts it anew. */
function reinsert(order: Float64Array, number: number): void {
  const first = order[TURNS]
  const second = order[TURNS + 1]
  const third = order[TURNS + 2]
  insert(order, number, first === number ? second : first, third === number ? second : third)
}

/** Area of the box around two boxes, in px². */
function area(order: Float64Array, one: number, other: number): number {
  const p = one * BOX
  const q = other * BOX
  const width = Math.max(order[p + 2], order[q + 2]) - Math.min(order[p], order[q])
  const height = Math.max(order[p + 3], order[q + 3]) - Math.min(order[p + 1], order[q + 1])
  return width * height
}

/** Twice the distance between the centres of two boxes, along the axes. */
function distance(order: Float64Array, one: number, other: number): number {
  const p = one * BOX
  const q = other * BOX
  return (
    Math.abs(order[p] + order[p + 2] - order[q] - order[q + 2]) +
    Math.abs(order[p + 1] + order[p + 3] - order[q + 1] - order[q + 3])
  )
}

/**
 * The order in a new world, where gym-pusht adds the agent, the bar and the stem, one after the other and at rest,
 * always in the same places; it moves them to where an episode starts only afterwards. Not to be changed.
 */
export const NEW_ORDER: Float64Array = newOrder(256, 400, 256, 300)

function newOrder(agentX: number, agentY: number, blockX: number, blockY: number): Float64Array {
  const order = new Float64Array(ORDER_SIZE)
  enclose(order, AGENT, agentX, agentY, AGENT_RADIUS, AGENT_RADIUS, 0, 0)
  for (const [i, { rise, halfWidth, halfHeight }] of SIZES.entries()) {
    enclose(order, i, blockX, blockY + CENTRE + rise, halfWidth, halfHeight, 0, 0)
  }
  // The bar has gone before the agent.
  insert(order, 1, 0, AGENT)
  order[NEWEST] = 1
  return order
}

/**
 * Reinserts the rectangles that have left their boxes.
 *
 * @param order is changed
 * @param centreX with centreY: the block's centre of gravity, in px
 * @param cos with sin: of the block's angle
 * @param velocityX with velocityY: the one with which the block came here, without pushes, in px/s
 * @returns the shapes reinserted, a bit each
 */
export function followBlock(
  order: Float64Array,
  centreX: number,
  centreY: number,
  cos: number,
  sin: number,
  velocityX: number,
  velocityY: number,
): number {
  const c = Math.abs(cos)
  const s = Math.abs(sin)
  let moved = 0
  for (let i = 0; i < RECTANGLES.length; i++) {
    const { rise, halfWidth, halfHeight } = SIZES[i]
    const x = centreX - rise * sin
    const y = centreY + rise * cos
    const across = halfWidth * c + halfHeight * s
    const along = halfWidth * s + halfHeight * c
    if (!hasLeft(order, i, x, y, across, along)) continue
    enclose(order, i, x, y, across, along, velocityX, velocityY)
    reinsert(order, i)
    moved |= 1 << i
  }
  return moved
}

/**
 * Reinserts the agent if it has left its box. Call it after {@link followBlock}, once a substep.
 *
 * @param order is changed
 * @param x with y: the agent's centre, in px
 * @param velocityX with velocityY: of the agent, in px/s
 * @param moved what `followBlock` returned, or 0 if the block rests
 * @returns the shapes reinserted, a bit each
 */
export function followAgent(
  order: Float64Array,
  x: number,
  y: number,
  velocityX: number,
  velocityY: number,
  moved: number,
): number {
  if (hasLeft(order, AGENT, x, y, AGENT_RADIUS, AGENT_RADIUS)) {
    enclose(order, AGENT, x, y, AGENT_RADIUS, AGENT_RADIUS, velocityX, velocityY)
    reinsert(order, AGENT)
    moved |= 1 << AGENT
  }
  if (moved !== 0) findPairs(order, moved)
  return moved
}

/** What is remembered of the pairs that reinserted shapes find. */
function findPairs(order: Float64Array, moved: number): void {
  const agent = (moved >> AGENT) & 1
  for (let turn = 0; turn < SHAPES; turn++) {
    const i = order[TURNS + turn]
    if (i === AGENT) continue
    const own = (moved >> i) & 1
    if (own === 1) order[NEWEST] = i
    // Reinserted together, an agent before the rectangle in the tree finds it first.
    if (own === 1 || agent === 1) order[AGENT_FIRST + i] = own & agent
  }
}

/**
 * Lists pairs of shapes in the order in which the solver visits those that touch.
 *
 * @param moved the shapes reinserted in this substep: they meet the walls in the opposite order
 * @param pairs [VISITS] gets numbers of pairs: i for rectangle i with the agent, i + 2 (1 + w) with wall w
 */
export function visits(order: Float64Array, moved: number, pairs: Uint8Array): void {
  let count = 0
  let agentSeen = false
  for (let turn = 0; turn < SHAPES; turn++) {
    const i = order[TURNS + turn]
    if (i === AGENT) {
      agentSeen = true
      if (turn === 2) {
        pairs[count++] = order[NEWEST]
        pairs[count++] = 1 - order[NEWEST]
      } else if (turn === 1) pairs[count++] = order[TURNS]
      continue
    }
    const anew = (moved >> i) & 1
    const wallsFirst = anew === 1 || order[AGENT_FIRST + i] === 1
    if (agentSeen && !wallsFirst) pairs[count++] = i
    for (let w = 0; w < WALLS.length; w++) {
      pairs[count++] = RECTANGLES.length * (1 + (anew === 1 ? WALLS.length - 1 - w : w)) + i
    }
    if (agentSeen && wallsFirst) pairs[count++] = i
  }
}

/** Of the rectangles, the one whose pair with the agent is visited first: all that matters away from walls. */
export function firstMet(order: Float64Array): number {
  if (order[TURNS + 2] === AGENT) return order[NEWEST]
  return order[TURNS] === AGENT ? order[TURNS + 1] : order[TURNS]
}
