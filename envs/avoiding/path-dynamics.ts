import type { Dynamics } from '../../src/env/environment.ts'
import { clearanceOfSegment, GOAL_Y, type Point, START } from './geometry.ts'
import { modeOf, modes } from './modes.ts'
import { scene } from './scene.ts'

/** Where the rod has been led so far. */
export interface AvoidingPathState {
  readonly position: Point
  readonly outcome: 'moving' | 'arrived' | 'collided'
}

/** Waypoints of a path, the start not counted. */
export const WAYPOINTS = 24

/** The table, in m. */
const LOW = [0.2, -0.32]
const HIGH = [0.85, 0.45]

/**
 * Avoiding as a problem of planning alone: an action is the next waypoint, which the rod goes to in a straight
 * line. Every episode starts at the same place, so the whole path of {@link WAYPOINTS} waypoints is planned at
 * once from one constant observation, and what a planner samples can be compared with the demonstrations as one
 * distribution.
 *
 * - observation [2]: the rod's position (m)
 * - action [2]: the next waypoint (m)
 * - reward: 1 on arrival beyond the goal line, 0 before; touching an obstacle ends the episode
 */
export const pathDynamics: Dynamics<AvoidingPathState> = {
  name: 'avoiding-path',
  observation: { low: LOW, high: HIGH, names: ['x (m)', 'y (m)'] },
  action: { low: LOW, high: HIGH, names: ['waypoint x (m)', 'waypoint y (m)'] },
  maxSteps: WAYPOINTS,
  period: 0.14,
  initial: () => ({ position: START, outcome: 'moving' }),
  transition(state, action) {
    if (state.outcome !== 'moving') return state
    const position: Point = [clip(action[0], 0), clip(action[1], 1)]
    if (clearanceOfSegment(state.position, position) < 0) return { position, outcome: 'collided' }
    return { position, outcome: position[1] > GOAL_Y ? 'arrived' : 'moving' }
  },
  observe: ({ position }) => Float32Array.of(...position),
  reward: (state) => (state.outcome === 'arrived' ? 1 : 0),
  terminated: (state) => state.outcome !== 'moving',
  success: (state) => state.outcome === 'arrived',
  position: (state) => state.position,
  modes: {
    names: modes.names,
    of: (states) =>
      states.at(-1)?.outcome === 'arrived' ? modeOf(states.map(({ position }) => position)) : -1,
  },
  scene: ({ position, outcome }) => scene({ desired: position, actual: position, velocity: [0, 0], outcome }),
}

function clip(value: number, axis: 0 | 1): number {
  return Math.min(HIGH[axis], Math.max(LOW[axis], value))
}
