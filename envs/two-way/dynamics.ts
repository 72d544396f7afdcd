import type { Dynamics, Modes } from '../../src/env/environment.ts'
import { clip } from '../../src/env/space.ts'
import { Rng } from '../../src/random/rng.ts'
import {
  CLEARANCE,
  distanceFromDisc,
  GOAL_HEIGHT,
  MAX_SPEED,
  MAX_STEPS,
  PERIOD,
  START_HEIGHT,
  START_SPREAD,
  WORKSPACE,
} from './geometry.ts'
import { scene } from './scene.ts'

/** Where the robot is, in metres, and whether it has touched the disc. */
export interface TwoWayState {
  readonly x: number
  readonly y: number
  readonly collided: boolean
}

/** `axis`: every episode starts at x = 0. `spread`: x is uniform in ±0.3 m, and says nothing about the mode. */
export type TwoWayStart = 'axis' | 'spread'

const ACTION = {
  low: [-MAX_SPEED, -MAX_SPEED],
  high: [MAX_SPEED, MAX_SPEED],
  names: ['velocity x (m/s)', 'velocity y (m/s)'],
}

/** The side on which the robot first passes the height of the disc's centre. */
const modes: Modes<TwoWayState> = {
  names: ['left', 'right'],
  of(states) {
    for (let i = 1; i < states.length; i++) {
      const before = states[i - 1]
      const after = states[i]
      if (before.y < 0 && after.y >= 0) {
        const part = before.y / (before.y - after.y)
        return before.x + part * (after.x - before.x) < 0 ? 0 : 1
      }
    }
    return -1
  },
}

/**
 * A point robot under velocity commands. Walls stop it, touching the disc ends the episode.
 *
 * - observation [2]: x, y (m)
 * - action [2]: velocity (m/s), clipped to ±1 in each coordinate, held for 0.1 s
 * - reward: the part of the way up that is done, in [0, 1]; 0 on touching the disc
 * - success: the goal line is crossed without touching the disc
 */
export function dynamics(name: string, start: TwoWayStart): Dynamics<TwoWayState> {
  const success = (state: TwoWayState) => !state.collided && state.y >= GOAL_HEIGHT
  return {
    name,
    observation: {
      low: WORKSPACE.low,
      high: WORKSPACE.high,
      names: ['x (m)', 'y (m)'],
    },
    action: ACTION,
    maxSteps: MAX_STEPS,
    period: PERIOD,
    initial(seed) {
      const place = 2 * Rng.seeded(seed).fork('two-way start').uniform() - 1
      return { x: start === 'axis' ? 0 : START_SPREAD * place, y: START_HEIGHT, collided: false }
    },
    transition(state, action) {
      const [vx, vy] = clip(ACTION, action)
      const [x, y] = clip(WORKSPACE, [state.x + vx * PERIOD, state.y + vy * PERIOD])
      const collided = state.collided || distanceFromDisc(state.x, state.y, x, y) < CLEARANCE
      return { x, y, collided }
    },
    observe: (state) => Float32Array.of(state.x, state.y),
    reward(state) {
      if (state.collided) return 0
      const done = (state.y - START_HEIGHT) / (GOAL_HEIGHT - START_HEIGHT)
      return Math.min(1, Math.max(0, done))
    },
    terminated: (state) => state.collided || success(state),
    success,
    position: (state) => [state.x, state.y],
    modes,
    scene,
    waypoints(state, { values, rows }) {
      let { x, y } = state
      return Array.from({ length: rows }, (_, i) => [
        (x += values[2 * i] * PERIOD),
        (y += values[2 * i + 1] * PERIOD),
      ])
    },
    resembling: (observation) => ({ x: observation[0], y: observation[1], collided: false }),
  }
}
