import type { Dynamics, Environment } from '../../src/env/environment.ts'
import { coverage, SOLVED } from './coverage.ts'
import { demonstrate } from './expert.ts'
import { WORLD } from './geometry.ts'
import { mirrorOf } from './mirror.ts'
import { modes } from './modes.ts'
import { observations, type PushTObservation } from './observations.ts'
import { initial, type PushTStart } from './reset.ts'
import { scene } from './scene.ts'
import { createSimulator, SUBSTEP, SUBSTEPS } from './simulator.ts'
import { BODY, type PushTState } from './state.ts'

/** Actions in an episode. */
export const MAX_STEPS = 300

const simulator = createSimulator()

/** Reward, end and success of a state are asked for in turn, so the last answer is kept. */
let asked: PushTState | undefined
let answer = 0
function covered(state: PushTState): number {
  if (state !== asked) {
    answer = coverage(state)
    asked = state
  }
  return answer
}

function transition(state: PushTState, action: ArrayLike<number>): PushTState {
  simulator.load(state)
  simulator.step(action[0], action[1])
  return simulator.save()
}

/**
 * Push-T as gym-pusht 0.1.5 defines it (Chi et al. 2023, after Florence et al. 2021): a disc pushes a T-shaped
 * block onto its goal. An action [2] is a place in px that the agent is drawn to for 0.1 s; it is not clipped.
 * The reward is the covered share of the goal, 1 from 95 % on; there the episode ends in success. Lengths are
 * in px, angles in rad from +x to +y; gym-pusht's window shows y pointing down.
 *
 * @param name of the environment
 * @param observation what is observed
 * @param start where episodes start; `opposite` has two modes, by the way in which the block is turned
 */
export function dynamics(
  name: string,
  observation: PushTObservation,
  start: PushTStart,
): Dynamics<PushTState> {
  const { space, observe, resembling } = observations[observation]
  const success = (state: PushTState) => covered(state) > SOLVED
  return {
    name,
    observation: space,
    action: { low: [0, 0], high: [WORLD, WORLD], names: ['target x (px)', 'target y (px)'] },
    maxSteps: MAX_STEPS,
    period: SUBSTEP * SUBSTEPS,
    initial: initial[start],
    transition,
    observe,
    reward: (state) => Math.min(1, Math.max(0, covered(state) / SOLVED)),
    terminated: success,
    success,
    position: ({ bodies }) => [bodies[BODY.agentX], bodies[BODY.agentY]],
    ...(start === 'opposite' ? { modes } : {}),
    scene,
    waypoints: (_, { values, rows }) =>
      Array.from({ length: rows }, (_, i) => [values[2 * i], values[2 * i + 1]]),
    resembling,
  }
}

/** What a {@link pushT} is like. */
export interface PushTOptions {
  /** Default `push-t`. */
  readonly name?: string
  /** Default `keypoints`. */
  readonly observation?: PushTObservation
  /** Default `anywhere`. */
  readonly start?: PushTStart
  readonly summary?: string
  /** URL of the module whose default export this environment is. */
  readonly module: string
}

/** A Push-T environment; see {@link dynamics}. */
export function pushT({
  name = 'push-t',
  observation = 'keypoints',
  start = 'anywhere',
  summary = 'A disc pushes a T onto its goal; as gym-pusht, observing the corners of the T.',
  module,
}: PushTOptions): Environment<PushTState> {
  const task = dynamics(name, observation, start)
  return {
    name,
    summary,
    module,
    dynamics: task,
    mirror: mirrorOf(observation),
    demonstrate: (index, rng) => demonstrate(task, index, rng),
  }
}
