import type { Mirror } from '../../src/env/environment.ts'
import { WORLD } from './geometry.ts'
import type { PushTObservation } from './observations.ts'

/** Corner of the T that each corner becomes: its left and right sides change places. */
const CORNERS = [1, 0, 3, 2, 5, 4, 7, 6]

const TURN = 2 * Math.PI

/** The goal's axis of symmetry is x + y = {@link WORLD}, about which (x, y) becomes (WORLD − y, WORLD − x). */
function reflectPoint(from: ArrayLike<number>, at: number, to: Float32Array, place: number): void {
  to[place] = WORLD - from[at + 1]
  to[place + 1] = WORLD - from[at]
}

const observers: Readonly<Partial<Record<PushTObservation, Mirror['observation']>>> = {
  state(values) {
    const out = new Float32Array(5)
    reflectPoint(values, 0, out, 0)
    reflectPoint(values, 2, out, 2)
    const angle = Math.PI / 2 - values[4]
    out[4] = ((angle % TURN) + TURN) % TURN
    return out
  },
  keypoints(values) {
    const out = new Float32Array(values.length)
    CORNERS.forEach((corner, i) => {
      reflectPoint(values, 2 * corner, out, 2 * i)
    })
    reflectPoint(values, 2 * CORNERS.length, out, 2 * CORNERS.length)
    return out
  },
}

/**
 * Push-T in the mirror of its goal's axis: clockwise turns become counter-clockwise. The walls are 1 px off
 * symmetry. Diffusion Policy's nine keypoints have no mirror image.
 */
export function mirrorOf(observation: PushTObservation): Mirror | undefined {
  const observe = observers[observation]
  if (!observe) return undefined
  return {
    observation: observe,
    action(values) {
      const out = new Float32Array(2)
      reflectPoint(values, 0, out, 0)
      return out
    },
    mode: (mode) => 1 - mode,
  }
}
