import type { Dynamics } from '../../src/env/environment.ts'
import { clearance, GOAL_Y, type Point, START } from './geometry.ts'
import { modes } from './modes.ts'
import { scene } from './scene.ts'
import { SUBSTEP, SUBSTEPS, trackedError, trackedVelocity } from './tracking.ts'

export interface AvoidingState {
  /** Where the controller is told to be, in m. */
  readonly desired: Point
  /** Where the rod is, in m. */
  readonly actual: Point
  /** The rod's velocity in m/s; not observed. */
  readonly velocity: Point
  readonly outcome: 'moving' | 'arrived' | 'collided'
}

const MAX_STEPS = 250

/** The largest change of a desired coordinate that an action in the box asks for, in m. */
export const ACTION_LIMIT = 0.01

/** No coordinate can leave the start by more within an episode. One action more than possible, for rounding. */
const REACH = ACTION_LIMIT * (MAX_STEPS + 1)

/** Moves the rod for 35 ms, or up to the first millisecond in which it touches an obstacle or arrives. */
function transition(state: AvoidingState, action: ArrayLike<number>): AvoidingState {
  if (state.outcome !== 'moving') return state
  const desired: Point = [state.desired[0] + action[0], state.desired[1] + action[1]]
  const errorX = state.actual[0] - desired[0]
  const errorY = state.actual[1] - desired[1]
  const [velocityX, velocityY] = state.velocity
  const arrive = (substeps: number, outcome: AvoidingState['outcome']): AvoidingState => ({
    desired,
    actual: [
      desired[0] + trackedError(errorX, velocityX, substeps),
      desired[1] + trackedError(errorY, velocityY, substeps),
    ],
    velocity: [trackedVelocity(errorX, velocityX, substeps), trackedVelocity(errorY, velocityY, substeps)],
    outcome,
  })
  for (let k = 1; k <= SUBSTEPS; k++) {
    const x = desired[0] + trackedError(errorX, velocityX, k)
    const y = desired[1] + trackedError(errorY, velocityY, k)
    if (clearance(x, y) < 0) return arrive(k, 'collided')
    if (y > GOAL_Y) return arrive(k, 'arrived')
  }
  return arrive(SUBSTEPS, 'moving')
}

/**
 * The avoiding task of D3IL (Jia et al., 2024): steer a rod from one end of a table to the other between six
 * fixed obstacles. An action shifts the desired position, which the rod follows smoothly (`tracking.ts`);
 * touching an obstacle ends the episode in failure. As in the original, every episode starts at the same
 * place and actions are not clipped. The reward is 1 on arrival and 0 before: the original gives none.
 */
export const dynamics: Dynamics<AvoidingState> = {
  name: 'avoiding',
  observation: {
    low: [START[0] - REACH, START[1] - REACH, START[0] - REACH, START[1] - REACH],
    high: [START[0] + REACH, START[1] + REACH, START[0] + REACH, START[1] + REACH],
    names: ['desired x (m)', 'desired y (m)', 'actual x (m)', 'actual y (m)'],
  },
  action: {
    low: [-ACTION_LIMIT, -ACTION_LIMIT],
    high: [ACTION_LIMIT, ACTION_LIMIT],
    names: ['change of desired x (m)', 'change of desired y (m)'],
  },
  maxSteps: MAX_STEPS,
  period: SUBSTEPS * SUBSTEP,
  initial: () => ({ desired: START, actual: START, velocity: [0, 0], outcome: 'moving' }),
  transition,
  observe: ({ desired, actual }) => Float32Array.of(...desired, ...actual),
  reward: (state) => (state.outcome === 'arrived' ? 1 : 0),
  terminated: (state) => state.outcome !== 'moving',
  success: (state) => state.outcome === 'arrived',
  position: (state) => state.actual,
  modes,
  scene,
  waypoints({ desired }, { values, rows }) {
    let [x, y] = desired
    return Array.from({ length: rows }, (_, i) => [(x += values[2 * i]), (y += values[2 * i + 1])])
  },
  resembling: (observation) => ({
    desired: [observation[0], observation[1]],
    actual: [observation[2], observation[3]],
    velocity: [0, 0],
    outcome: 'moving',
  }),
}
