import type { Dynamics, Episode } from '../../src/env/environment.ts'
import { recordEpisode } from '../../src/env/record-episode.ts'
import type { Rng } from '../../src/random/rng.ts'
import type { TwoWayState } from './dynamics.ts'
import { GOAL_HEIGHT, PERIOD, START_HEIGHT } from './geometry.ts'

/** How one demonstration differs from another, beside its start and its side. */
interface Style {
  /** x at the widest place, m: signed by the side. */
  readonly widest: number
  /** Height of the widest place, m. */
  readonly height: number
  /** x on the goal line, m. */
  readonly end: number
  /** Actions from start to goal. */
  readonly steps: number
  /** A slow sideways sway: size (m), turns on the way, phase (turns). */
  readonly sway: number
  readonly turns: number
  readonly phase: number
}

/** The path aims a little past the goal line, so that rounding cannot leave it short. */
const OVERSHOOT = 0.02

/**
 * One smooth demonstration: from a start drawn as in episodes, past the disc on the left for an even index and
 * on the right for an odd one, at nearly constant speed, to the goal. The side does not depend on the start.
 * Every 0.1 s the expert commands the velocity that leads to its path's next point.
 */
export function demonstrate(dynamics: Dynamics<TwoWayState>, index: number, rng: Rng): Episode {
  const start = dynamics.initial(rng.fork('start').uint32())
  const style = drawStyle(index % 2 === 0 ? -1 : 1, rng.fork('style'))
  return recordEpisode(dynamics, start, (state, step) => {
    const [x, y] = path(style, start, (step + 1) / style.steps)
    return [(x - state.x) / PERIOD, (y - state.y) / PERIOD]
  })
}

function drawStyle(side: number, rng: Rng): Style {
  const between = (low: number, high: number) => low + (high - low) * rng.uniform()
  return {
    widest: side * between(0.5, 0.62),
    height: between(-0.06, 0.06),
    end: between(-0.15, 0.15),
    steps: rng.integer(40, 47),
    sway: between(0, 0.02),
    turns: between(1, 2),
    phase: rng.uniform(),
  }
}

/** The point of the path at `part` ∈ [0, 1] of its time; beyond 1 it goes straight on. */
function path(style: Style, start: TwoWayState, part: number): [number, number] {
  const y = START_HEIGHT + part * (GOAL_HEIGHT + OVERSHOOT - START_HEIGHT)
  const x =
    y < style.height
      ? blend(start.x, style.widest, (y - START_HEIGHT) / (style.height - START_HEIGHT))
      : blend(style.widest, style.end, (y - style.height) / (GOAL_HEIGHT + OVERSHOOT - style.height))
  // The sway fades in, so that the path begins where the robot stands.
  const sway = style.sway * Math.min(1, 4 * part) * Math.sin(2 * Math.PI * (style.turns * part + style.phase))
  return [x + sway, y]
}

/** From `from` to `to` with the smallest jerk (Flash and Hogan 1985): velocity and acceleration vanish at both ends. */
function blend(from: number, to: number, part: number): number {
  const t = Math.min(1, Math.max(0, part))
  return from + (to - from) * t * t * t * (10 + t * (6 * t - 15))
}
