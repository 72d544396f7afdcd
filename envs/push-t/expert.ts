import type { Dynamics, Episode } from '../../src/env/environment.ts'
import { recordEpisode } from '../../src/env/record-episode.ts'
import { FailureError } from '../../src/errors.ts'
import type { Rng } from '../../src/random/rng.ts'
import { GOAL } from './geometry.ts'
import { observations } from './observations.ts'
import { type Effort, planner } from './planner.ts'
import type { PushTState } from './state.ts'

/** About 250 pushes tried before each one made. */
const EFFORT: Effort = { tries: 150, kept: 8, rounds: 2, variations: 6 }

/** Starts tried before giving up. */
const ATTEMPTS = 20

/** Actions of a demonstration at most: slower ones are drawn again. */
const PATIENCE = 250

/** The block's angle at the end of each mode, for starts half a turn from the goal. */
const GOAL_ANGLES = [GOAL.angle, GOAL.angle + 2 * Math.PI]

/**
 * Demonstration `index`: from a random start, pushes that a search in the simulator found best, until the task is
 * solved. Between pushes the agent goes around the block; targets move evenly, 18 px an action on the way and
 * 9 px while pushing. Where the environment has modes, demonstration i turns the block the way of mode i mod 2.
 *
 * Columns beside observation and action: `state` [5], agent x, y, block x, y and angle.
 *
 * @param rng start and search are drawn from it
 * @throws FailureError if no start could be solved, which has not been seen
 */
export function demonstrate(dynamics: Dynamics<PushTState>, index: number, rng: Rng): Episode {
  const mode = dynamics.modes ? index % dynamics.modes.names.length : -1
  const plan = planner(EFFORT, GOAL_ANGLES[mode])
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stream = rng.fork('attempt', attempt)
    const start = dynamics.initial(stream.fork('start').uint32())
    let target = dynamics.position(start)
    const queue: (readonly [number, number])[] = []
    const episode = recordEpisode(
      { ...dynamics, maxSteps: PATIENCE },
      start,
      (state, step) => {
        if (queue.length === 0) queue.push(...(plan(state, target, stream.fork('push', step)) ?? [target]))
        target = queue.shift() ?? target
        return target
      },
      { state: observations.state.observe },
    )
    if (episode.success && episode.mode === mode) return episode
  }
  throw new FailureError(
    `${dynamics.name}: the expert solved none of ${ATTEMPTS} starts for demonstration ${index}; use another seed.`,
  )
}
