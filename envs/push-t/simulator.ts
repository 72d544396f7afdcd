import { type Approach, addAgentContact } from './agent-contact.ts'
import { emptyMemory, FORGOTTEN, forget, PAIRS, RECORD } from './contact-memory.ts'
import { firstMet, followAgent, followBlock, ORDER_SIZE, VISITS, visits } from './contact-order.ts'
import { createContacts } from './contacts.ts'
import {
  AGENT_RADIUS,
  BLOCK_RADIUS,
  CENTRE,
  RECTANGLES,
  WALL_HIGH,
  WALL_LOW,
  WALL_RADIUS,
} from './geometry.ts'
import { solve } from './solver.ts'
import { BODY, BODY_SIZE, NO_MEMORY, type PushTState } from './state.ts'
import { addWallContacts, type PlacedRectangle, WALLS, type Wall } from './wall-contacts.ts'

/** Seconds of one substep, and substeps of one action. */
export const SUBSTEP = 0.01
export const SUBSTEPS = 10

/** Gains of the agent's controller: acceleration for each px of distance and for each px/s of velocity. */
const STIFFNESS = 100
const DAMPING = 20

/**
 * Share of an overlap taken away a second, in first order: 1 − 0.9^0.6 of it in each substep. Chipmunk holds
 * its 0.9 in single precision.
 */
const RATE = (1 - Math.fround(0.9) ** (60 * SUBSTEP)) / SUBSTEP

/** Closer than this, agent and block may touch. */
const REACH = (BLOCK_RADIUS + AGENT_RADIUS) ** 2

/** With its centre of gravity between these, the block cannot touch a wall. */
const CLEAR_LOW = WALL_LOW + WALL_RADIUS + BLOCK_RADIUS
const CLEAR_HIGH = WALL_HIGH - WALL_RADIUS - BLOCK_RADIUS

/** A Push-T world that changes in place: the fast way to try many actions. */
export interface Simulator {
  /** As in {@link PushTState}. Change it through {@link load} only. */
  readonly bodies: Float64Array
  /** Contacts of the last {@link step}, summed over its substeps. */
  contacts: number
  /** Continues from `state`, which is copied. */
  load(state: PushTState): void
  /** Continues from the present state of another simulator. */
  copy(other: Simulator): void
  /** A copy of the present state. */
  save(): PushTState
  /** Moves the agent towards (x, y), in px, for one action: ten substeps. */
  step(x: number, y: number): void
  /** Lets one substep of 0.01 s pass; the agent keeps its velocity. */
  substep(): void
  /** Impulses of recent contacts; for {@link copy}. */
  readonly memory: Float64Array
}

/**
 * Creates a world: the agent is a disc that nothing stops, the block a T that slides without inertia (its
 * velocity ends with each substep). The solver is a rewrite of the part of Chipmunk 7 that the task uses:
 * sequential impulses, ten passes over the contacts in Chipmunk's order, starting from the impulses of the
 * substep before.
 *
 * The world starts empty; {@link Simulator.load} a state first. Nothing is allocated while it runs.
 */
export function createSimulator(): Simulator {
  const bodies = new Float64Array(BODY_SIZE + ORDER_SIZE)
  const memory = emptyMemory()
  const order = bodies.subarray(BODY_SIZE)
  const contacts = createContacts()
  const agent: Approach = { x: 0, y: 0, offsetX: 0, offsetY: 0, velocityX: 0, velocityY: 0, cos: 1, sin: 0 }
  const placed: PlacedRectangle[] = RECTANGLES.map(() => ({
    corners: new Float64Array(8),
    normals: new Float64Array(8),
  }))
  /** Bit i: pair i is remembered. */
  let live = 0
  /** The block has velocities to lose. */
  let moving = true
  /** Shapes that left their boxes in this substep, a bit each. */
  let moved = 0
  /** The pairs as {@link visits} lists them, and whether they are outdated. */
  const pairs = new Uint8Array(VISITS)
  let outdated = true
  /** Cosine and sine of the block's angle belong to this angle. */
  const turn = Float64Array.of(Number.NaN, 1, 0)

  const face = (): void => {
    const angle = bodies[BODY.angle]
    if (turn[0] === angle) return
    turn[0] = angle
    turn[1] = Math.cos(angle)
    turn[2] = Math.sin(angle)
  }

  const findLive = (): void => {
    live = 0
    for (let pair = 0; pair < PAIRS; pair++) if (memory[pair * RECORD] < FORGOTTEN) live |= 1 << pair
    moving = true
    outdated = true
  }

  const nearWall = (): boolean => {
    const x = bodies[BODY.centreX]
    const y = bodies[BODY.centreY]
    return x < CLEAR_LOW || x > CLEAR_HIGH || y < CLEAR_LOW || y > CLEAR_HIGH
  }

  /** Fills {@link agent}; false where agent and block are too far apart to touch. */
  const approach = (): boolean => {
    const dx = bodies[BODY.agentX] - bodies[BODY.centreX]
    const dy = bodies[BODY.agentY] - bodies[BODY.centreY]
    if (dx * dx + dy * dy > REACH) return false
    face()
    const cos = turn[1]
    const sin = turn[2]
    agent.x = dx * cos + dy * sin
    agent.y = dy * cos - dx * sin + CENTRE
    agent.offsetX = dx
    agent.offsetY = dy
    agent.velocityX = bodies[BODY.agentVelocityX]
    agent.velocityY = bodies[BODY.agentVelocityY]
    agent.cos = cos
    agent.sin = sin
    return true
  }

  const touch = (): void => {
    contacts.count = 0
    const byAgent = approach()
    const byWall = nearWall()
    if (!byAgent && !byWall) return
    if (!byWall) {
      const first = firstMet(order)
      touchAgent(first)
      touchAgent(1 - first)
      return
    }
    if (outdated) {
      visits(order, moved, pairs)
      outdated = false
    }
    for (let i = 0; i < RECTANGLES.length; i++) place(i)
    for (let k = 0; k < VISITS; k++) {
      const pair = pairs[k]
      const i = pair % RECTANGLES.length
      if (pair === i) {
        if (byAgent) touchAgent(i)
      } else touchWall(pair, i, WALLS[(pair - i) / RECTANGLES.length - 1])
    }
  }

  const touchAgent = (i: number): void => {
    addAgentContact(contacts, memory, i, RECTANGLES[i], agent, RATE)
  }

  const touchWall = (pair: number, i: number, wall: Wall): void => {
    if (!reaches(wall)) return
    const x = bodies[BODY.centreX]
    const y = bodies[BODY.centreY]
    addWallContacts(contacts, memory, pair, wall, placed[i], x, y, RATE)
  }

  /** Whether the block may touch a wall, judged by its centre of gravity. */
  const reaches = ({ ax, ay, normalX, normalY }: Wall): boolean => {
    const height = (bodies[BODY.centreX] - ax) * normalX + (bodies[BODY.centreY] - ay) * normalY
    return Math.abs(height) <= BLOCK_RADIUS + WALL_RADIUS
  }

  const place = (i: number): void => {
    const { left, bottom, right, top } = RECTANGLES[i]
    const { corners, normals } = placed[i]
    face()
    const cos = turn[1]
    const sin = turn[2]
    for (let k = 0; k < 4; k++) {
      const u = k === 0 || k === 3 ? left : right
      const v = (k < 2 ? bottom : top) - CENTRE
      corners[2 * k] = bodies[BODY.centreX] + u * cos - v * sin
      corners[2 * k + 1] = bodies[BODY.centreY] + u * sin + v * cos
      const outU = k === 0 ? -1 : k === 2 ? 1 : 0
      const outV = k === 1 ? -1 : k === 3 ? 1 : 0
      normals[2 * k] = outU * cos - outV * sin
      normals[2 * k + 1] = outU * sin + outV * cos
    }
  }

  const age = (): void => {
    for (let pair = 0; pair < PAIRS; pair++) {
      if ((live & (1 << pair)) === 0) continue
      // The solver has set the pairs in contact to −1.
      if (++memory[pair * RECORD] < FORGOTTEN) continue
      forget(memory, pair)
      live &= ~(1 << pair)
    }
  }

  const moveBlock = (): void => {
    if (!moving) return
    const velocityX = bodies[BODY.velocityX]
    const velocityY = bodies[BODY.velocityY]
    bodies[BODY.centreX] += (velocityX + bodies[BODY.pushX]) * SUBSTEP
    bodies[BODY.centreY] += (velocityY + bodies[BODY.pushY]) * SUBSTEP
    bodies[BODY.angle] += (bodies[BODY.spin] + bodies[BODY.pushSpin]) * SUBSTEP
    bodies.fill(0, BODY.velocityX, BODY_SIZE)
    moving = false
    face()
    const x = bodies[BODY.centreX]
    const y = bodies[BODY.centreY]
    moved = followBlock(order, x, y, turn[1], turn[2], velocityX, velocityY)
  }

  /** Moves the block, and keeps up the order of contacts. */
  const move = (): void => {
    if (moved !== 0) outdated = true
    moved = 0
    moveBlock()
    const x = bodies[BODY.agentX]
    const y = bodies[BODY.agentY]
    moved = followAgent(order, x, y, bodies[BODY.agentVelocityX], bodies[BODY.agentVelocityY], moved)
    if (moved !== 0) outdated = true
  }

  const collide = (): void => {
    touch()
    if (contacts.count > 0) {
      live |= solve(contacts, memory, bodies)
      moving = true
    }
    if (live !== 0) age()
  }

  const simulator: Simulator = {
    bodies,
    memory,
    contacts: 0,
    load(state) {
      bodies.set(state.bodies)
      if (state.memory.length > 0) memory.set(state.memory)
      else for (let pair = 0; pair < PAIRS; pair++) forget(memory, pair)
      findLive()
    },
    copy(other) {
      bodies.set(other.bodies)
      memory.set(other.memory)
      findLive()
    },
    save: () => ({ bodies: bodies.slice(), memory: live === 0 ? NO_MEMORY : memory.slice() }),
    step(x, y) {
      let sum = 0
      for (let i = 0; i < SUBSTEPS; i++) {
        const vx = bodies[BODY.agentVelocityX]
        const vy = bodies[BODY.agentVelocityY]
        bodies[BODY.agentVelocityX] += (STIFFNESS * (x - bodies[BODY.agentX]) - DAMPING * vx) * SUBSTEP
        bodies[BODY.agentVelocityY] += (STIFFNESS * (y - bodies[BODY.agentY]) - DAMPING * vy) * SUBSTEP
        bodies[BODY.agentX] += bodies[BODY.agentVelocityX] * SUBSTEP
        bodies[BODY.agentY] += bodies[BODY.agentVelocityY] * SUBSTEP
        move()
        collide()
        sum += contacts.count
      }
      simulator.contacts = sum
    },
    substep() {
      bodies[BODY.agentX] += bodies[BODY.agentVelocityX] * SUBSTEP
      bodies[BODY.agentY] += bodies[BODY.agentVelocityY] * SUBSTEP
      move()
      collide()
      simulator.contacts = contacts.count
    },
  }
  return simulator
}
