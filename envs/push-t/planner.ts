import type { Rng } from '../../src/random/rng.ts'
import { coverageOf, SOLVED } from './coverage.ts'
import { CENTRE, GOAL, placed, VERTICES } from './geometry.ts'
import { PERIMETER } from './outline.ts'
import { type Push, targets } from './push.ts'
import { createSimulator } from './simulator.ts'
import { BODY, blockPose, type PushTState } from './state.ts'

type Point = readonly [number, number]

/** How hard to search for the next push. */
export interface Effort {
  /** Random pushes tried. */
  readonly tries: number
  /** Best pushes kept, and varied in each round. */
  readonly kept: number
  /** Rounds of variation, each with less of it. */
  readonly rounds: number
  /** Variations of each kept push in a round. */
  readonly variations: number
}

/** Finds the next push: x, y of one target an action, or undefined if no push can be made. */
export type Planner = (state: PushTState, target: Point, rng: Rng) => readonly Point[] | undefined

/**
 * Cost of an action: this share of the distance left before the push, and of at least so many px. Larger
 * shares make small pushes that lead nowhere look good.
 */
const PACE = 0.006
const LEAST_DISTANCE = 4

/** Cost of turning the block away beyond half a turn from the angle asked for, in px for each rad. */
const ASTRAY = 120

/** A push that solves the task is worth this much; covering more than needed by 1 % saves four actions. */
const REWARD = 1000
const SURPLUS = 400

/** Actions of a push at most, the way to it included. */
const LONGEST = 70

const GOAL_VERTICES = placed(VERTICES, GOAL.x, GOAL.y, GOAL.angle)

/** Mean distance of the block's corners from where they shall be, in px. */
export function distanceLeft(bodies: Float64Array): number {
  const cos = Math.cos(bodies[BODY.angle])
  const sin = Math.sin(bodies[BODY.angle])
  let sum = 0
  for (let i = 0; i < VERTICES.length; i++) {
    const u = VERTICES[i][0]
    const v = VERTICES[i][1] - CENTRE
    const dx = bodies[BODY.centreX] + u * cos - v * sin - GOAL_VERTICES[i][0]
    const dy = bodies[BODY.centreY] + u * sin + v * cos - GOAL_VERTICES[i][1]
    sum += Math.sqrt(dx * dx + dy * dy)
  }
  return sum / VERTICES.length
}

interface Trial {
  readonly push: Push
  readonly line: readonly Point[]
  readonly cost: number
}

/**
 * A planner that tries pushes in the simulator and keeps the best: random ones first, then variations of the
 * best, as in the cross-entropy method (Rubinstein 1999). A push is judged by how far the block is from its goal
 * afterwards, and by the time it takes.
 *
 * @param goalAngle the block's angle at the end, not wrapped, if the way of turning matters
 */
export function planner({ tries, kept, rounds, variations }: Effort, goalAngle?: number): Planner {
  const world = createSimulator()

  const astray = (bodies: Float64Array): number =>
    goalAngle === undefined ? 0 : ASTRAY * Math.max(0, Math.abs(bodies[BODY.angle] - goalAngle) - Math.PI)

  /** The cost of following `line` from the world's present state. */
  const follow = (line: readonly Point[], perAction: number): number => {
    let solvedAt = -1
    let most = 0
    for (let i = 0; i < line.length; i++) {
      world.step(line[i][0], line[i][1])
      if (world.contacts === 0) continue
      const covered = coverageOf(world.bodies)
      if (covered <= SOLVED) continue
      if (solvedAt < 0) solvedAt = i
      if (covered > most) most = covered
    }
    if (solvedAt >= 0) return solvedAt - REWARD - SURPLUS * (most - SOLVED) + astray(world.bodies)
    return distanceLeft(world.bodies) + astray(world.bodies) + perAction * line.length
  }

  return (state, target, rng) => {
    const before = distanceLeft(state.bodies)
    const pose = blockPose(state)
    const perAction = PACE * Math.max(before, LEAST_DISTANCE)
    let best: Trial[] = []
    const offer = (push: Push): void => {
      const line = targets(push, pose, target, LONGEST)
      if (!line) return
      world.load(state)
      best.push({ push, line, cost: follow(line, perAction) })
    }
    const select = (): void => {
      best.sort((a, b) => a.cost - b.cost)
      best = best.slice(0, kept)
    }
    for (let i = 0; i < tries; i++) offer(randomPush(before, rng))
    select()
    for (let round = 1; round <= rounds; round++) {
      for (const { push } of [...best]) {
        for (let i = 0; i < variations; i++) offer(varied(push, 0.4 ** round, rng))
      }
      select()
    }
    return best[0]?.line
  }
}

/** @param distance how far the block is from its goal, in px */
function randomPush(distance: number, rng: Rng): Push {
  return {
    place: PERIMETER * rng.uniform(),
    slant: 1.2 * (rng.uniform() - 0.5),
    bend: 2 * (rng.uniform() - 0.5),
    length: 3 + Math.min(150, 2.5 * distance) * rng.uniform() ** 1.5,
  }
}

function varied({ place, slant, bend, length }: Push, scale: number, rng: Rng): Push {
  return {
    place: place + 15 * scale * rng.normal(),
    slant: slant + 0.3 * scale * rng.normal(),
    bend: bend + 0.5 * scale * rng.normal(),
    length: Math.max(1, length * Math.exp(0.4 * scale * rng.normal())),
  }
}
