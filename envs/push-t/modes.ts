import type { Modes } from '../../src/env/environment.ts'
import { BODY, type PushTState } from './state.ts'

/** Turns smaller than this, in rad, show no direction: a nudge is no choice, an eighth of a turn is. */
const LEAST_TURN = Math.PI / 4

/**
 * Which way the block has been turned from the first state to the last, all turns added up. Counter-clockwise
 * is from +x to +y; windows with y pointing down, such as gym-pusht's, show it the other way round.
 * Failures count: most of them turned the block and then missed the last percents of the goal.
 */
export const modes: Modes<PushTState> = {
  names: ['clockwise', 'counter-clockwise'],
  counted: 'all',
  of(states) {
    const turn = states[states.length - 1].bodies[BODY.angle] - states[0].bodies[BODY.angle]
    if (Math.abs(turn) < LEAST_TURN) return -1
    return turn < 0 ? 0 : 1
  },
}
