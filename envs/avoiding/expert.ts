import type { Episode } from '../../src/env/environment.ts'
import { FailureError } from '../../src/errors.ts'
import type { Rng } from '../../src/random/rng.ts'
import { type Rows, rows } from '../../src/rows.ts'
import { type AvoidingState, dynamics } from './dynamics.ts'
import { clearance, START } from './geometry.ts'
import { gapsOf, modes } from './modes.ts'
import { type Path, pathAt, randomPath } from './path.ts'

/** Room that a demonstration leaves to every obstacle, in m. */
export const MARGIN = 0.012
const TRIES = 1000
/** Actions until full speed. */
const RAMP = 6
/** Evaluations of the path for each action; the more, the evener the speed. */
const PIECES = 8

/** Follows `path` at an even speed; the desired position is on the path after every action. */
function follow(path: Path, speed: number): { states: AvoidingState[]; actions: Float32Array } {
  const states = [dynamics.initial(0)]
  const actions: number[] = []
  let height = START[1]
  while (states.length <= dynamics.maxSteps) {
    const state = states[states.length - 1]
    if (dynamics.terminated(state)) break
    const length = speed * Math.min(1, states.length / RAMP)
    for (let i = 0; i < PIECES; i++) height += length / PIECES / Math.hypot(1, pathAt(path, height).slope)
    const [x, y] = pathAt(path, height).point
    // Rounded as they are stored, so that the recorded actions repeat the episode exactly.
    const action = [Math.fround(x - state.desired[0]), Math.fround(y - state.desired[1])]
    actions.push(...action)
    states.push(dynamics.transition(state, action))
  }
  return { states, actions: Float32Array.from(actions) }
}

const roomy = (states: readonly AvoidingState[]) =>
  states.every(({ desired, actual }) => clearance(...desired) >= MARGIN && clearance(...actual) >= MARGIN)

function observations(states: readonly AvoidingState[]): Rows {
  const width = dynamics.observation.low.length
  const all = rows(new Float32Array(states.length * width), states.length, width)
  for (const [i, state] of states.entries()) all.values.set(dynamics.observe(state), i * width)
  return all
}

/**
 * Demonstration `index` takes way `index mod 24` through the obstacles: a random smooth path through its
 * three gaps at an even random speed of 7.5 to 9 mm an action. Every demonstration succeeds and keeps
 * {@link MARGIN} from the obstacles; a path that would not is drawn again.
 */
export function demonstrate(index: number, rng: Rng): Episode {
  const mode = index % modes.names.length
  for (let i = 0; i < TRIES; i++) {
    const path = randomPath(gapsOf(mode), rng)
    const { states, actions } = follow(path, 0.0075 + 0.0015 * rng.uniform())
    if (modes.of(states) !== mode || !roomy(states)) continue
    const length = states.length - 1
    const columns = { observation: observations(states.slice(0, length)), action: rows(actions, length, 2) }
    return { columns, length, success: true, mode }
  }
  throw new FailureError(
    `The expert found no free path for demonstration ${index} in ${TRIES} tries; use another random stream.`,
  )
}
