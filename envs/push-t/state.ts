import { NEW_ORDER, ORDER_SIZE } from './contact-order.ts'
import { CENTRE } from './geometry.ts'

/**
 * Places in {@link PushTState.bodies}. `centre` is the block's centre of gravity; the angle is not wrapped, so
 * that differences are turns made. `push` is a velocity that the solver adds in the next substep alone, to take
 * bodies that overlap apart.
 */
export const BODY = {
  agentX: 0,
  agentY: 1,
  agentVelocityX: 2,
  agentVelocityY: 3,
  centreX: 4,
  centreY: 5,
  angle: 6,
  velocityX: 7,
  velocityY: 8,
  spin: 9,
  pushX: 10,
  pushY: 11,
  pushSpin: 12,
} as const

/** Numbers of {@link BODY}. */
export const BODY_SIZE = 13

/** Everything the dynamics depend on; plain data. */
export interface PushTState {
  /**
   * Agent and block, laid out as {@link BODY}: px, px/s, rad and rad/s; then the order in which the solver
   * visits contacts (see `contact-order.ts`).
   */
  readonly bodies: Float64Array
  /** What the solver remembers of recent contacts (see `contact-memory.ts`); empty if there are none. */
  readonly memory: Float64Array
}

/** Where the block's origin is, in px, and its angle, in rad, not wrapped. */
export interface Pose {
  readonly x: number
  readonly y: number
  readonly angle: number
}

/** The block's pose in `state`. */
export function blockPose({ bodies }: PushTState): Pose {
  const angle = bodies[BODY.angle]
  return {
    x: bodies[BODY.centreX] + CENTRE * Math.sin(angle),
    y: bodies[BODY.centreY] - CENTRE * Math.cos(angle),
    angle,
  }
}

/**
 * A state at rest, without contacts.
 *
 * @param centreX with centreY: the block's centre of gravity, in px
 */
export function stateAtRest(
  agentX: number,
  agentY: number,
  centreX: number,
  centreY: number,
  angle: number,
): PushTState {
  const bodies = new Float64Array(BODY_SIZE + ORDER_SIZE)
  bodies[BODY.agentX] = agentX
  bodies[BODY.agentY] = agentY
  bodies[BODY.centreX] = centreX
  bodies[BODY.centreY] = centreY
  bodies[BODY.angle] = angle
  bodies.set(NEW_ORDER, BODY_SIZE)
  return { bodies, memory: NO_MEMORY }
}

/** Where the centre of gravity is of a block at `pose`. */
export function centreAt({ x, y, angle }: Pose): readonly [number, number] {
  return [x - CENTRE * Math.sin(angle), y + CENTRE * Math.cos(angle)]
}

/** Nothing to remember. */
export const NO_MEMORY = new Float64Array(0)
