import { addContact, type Contacts } from './contacts.ts'
import { AGENT_RADIUS, type Rectangle } from './geometry.ts'

/** Where agent and block are while contacts are sought. */
export interface Approach {
  /** Agent's centre in the block's frame, in px. */
  x: number
  y: number
  /** Agent's centre relative to the block's centre of gravity, in the world. */
  offsetX: number
  offsetY: number
  /** Agent's velocity in the world, in px/s. */
  velocityX: number
  velocityY: number
  /** Cosine and sine of the block's angle. */
  cos: number
  sin: number
}

/** Adds the contact of the agent with one rectangle of the block, if they touch. */
export function addAgentContact(
  contacts: Contacts,
  memory: Float64Array,
  pair: number,
  { left, bottom, right, top }: Rectangle,
  agent: Approach,
  rate: number,
): void {
  const { x, y, cos, sin } = agent
  if (
    x < left - AGENT_RADIUS ||
    x > right + AGENT_RADIUS ||
    y < bottom - AGENT_RADIUS ||
    y > top + AGENT_RADIUS
  ) {
    return
  }
  // The nearest point of the rectangle, and the unit normal from the agent to it, in the block's frame.
  let nearX = x < left ? left : x > right ? right : x
  let nearY = y < bottom ? bottom : y > top ? top : y
  let normalX = nearX - x
  let normalY = nearY - y
  let distance = Math.sqrt(normalX * normalX + normalY * normalY)
  if (distance > AGENT_RADIUS) return
  if (distance > 0) {
    normalX /= distance
    normalY /= distance
  } else {
    // The agent's centre is inside: out through the nearest side.
    distance = Math.max(left - x, bottom - y, x - right, y - top)
    normalX = distance === left - x ? 1 : distance === x - right ? -1 : 0
    normalY = normalX !== 0 ? 0 : distance === bottom - y ? 1 : -1
    nearX = x + normalX * distance
    nearY = y + normalY * distance
  }
  const worldX = normalX * cos - normalY * sin
  const worldY = normalX * sin + normalY * cos
  const acrossX = nearX - x
  const acrossY = nearY - y
  addContact(
    contacts,
    memory,
    pair,
    0,
    worldX,
    worldY,
    agent.offsetX + acrossX * cos - acrossY * sin,
    agent.offsetY + acrossX * sin + acrossY * cos,
    distance - AGENT_RADIUS,
    agent.velocityX * worldX + agent.velocityY * worldY,
    rate,
  )
}
