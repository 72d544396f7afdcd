import { AGENT_RADIUS, WORLD } from './geometry.ts'
import { isClear, outlineAt, wayAround } from './outline.ts'
import type { Pose } from './state.ts'

type Point = readonly [number, number]

/** A push of the block: go to a place beside it, then move the agent along an arc. */
export interface Push {
  /** Where to push, in px along the outline of the T. */
  readonly place: number
  /** Direction of the push relative to the inward normal there, in rad. */
  readonly slant: number
  /** Change of the direction along the push, in rad. */
  readonly bend: number
  /** Length of the push from the first touch on, in px. */
  readonly length: number
}

/** Distance of agent and block where a push starts, in px. */
const STANDOFF = 6

/** How far the target moves in an action, in px: on the way, and while pushing. */
const TRAVEL = 18
const PUSHING = 9

/** Actions at the end of a push in which the target waits for the agent, which lags behind it by 0.2 s. */
const WAITING = 2

/** No target comes nearer to the border of the world, in px. */
const MARGIN = 2

/**
 * The targets, one an action, that bring the agent around the block and push it.
 *
 * @param block where the block is
 * @param from the last target
 * @param longest give up on pushes that take more actions
 * @returns x, y of each target in the world; undefined if the push cannot be reached or leaves the world
 */
export function targets(push: Push, block: Pose, from: Point, longest: number): readonly Point[] | undefined {
  const { point, normal } = outlineAt(push.place)
  const distance = AGENT_RADIUS + STANDOFF
  const ready: Point = [point[0] + normal[0] * distance, point[1] + normal[1] * distance]
  if (!isClear(ready)) return undefined
  const cos = Math.cos(block.angle)
  const sin = Math.sin(block.angle)
  const toWorld = ([u, v]: Point): Point => [block.x + u * cos - v * sin, block.y + u * sin + v * cos]
  const toBlock = (x: number, y: number): Point => [x * cos + y * sin, y * cos - x * sin]
  const inside = (at: Point): boolean => {
    const [x, y] = toWorld(at)
    return x >= MARGIN && x <= WORLD - MARGIN && y >= MARGIN && y <= WORLD - MARGIN
  }
  if (!inside(ready)) return undefined
  const way = wayAround(toBlock(from[0] - block.x, from[1] - block.y), ready, inside)
  if (!way) return undefined
  const line: Point[] = []
  let last = from
  let carried = 0
  for (const bendPoint of way) {
    const next = toWorld(bendPoint)
    const length = Math.hypot(next[0] - last[0], next[1] - last[1])
    let at = TRAVEL - carried
    for (; at <= length; at += TRAVEL) {
      const share = at / length
      line.push([last[0] + (next[0] - last[0]) * share, last[1] + (next[1] - last[1]) * share])
      if (line.length > longest) return undefined
    }
    carried = length - (at - TRAVEL)
    last = next
  }
  if (carried > 0) line.push(last)
  const total = STANDOFF + push.length
  let heading = Math.atan2(-normal[1], -normal[0]) + block.angle + push.slant
  let [x, y] = last
  const steps = Math.ceil(total / PUSHING)
  for (let i = 0; i < steps; i++) {
    const stride = total / steps
    x += Math.cos(heading) * stride
    y += Math.sin(heading) * stride
    heading += push.bend / steps
    if (x < MARGIN || x > WORLD - MARGIN || y < MARGIN || y > WORLD - MARGIN) return undefined
    line.push([x, y])
  }
  for (let i = 0; i < WAITING; i++) line.push([x, y])
  if (line.length > longest) return undefined
  // Rounded as actions are stored, so that a plan comes out as it was tried.
  return line.map(([u, v]) => [Math.fround(u), Math.fround(v)])
}
