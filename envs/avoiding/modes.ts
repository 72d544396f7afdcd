import type { Modes } from '../../src/env/environment.ts'
import type { AvoidingState } from './dynamics.ts'
import { type Point, ROWS } from './geometry.ts'

const GAPS = [
  ['left', 'right'],
  ['left', 'centre', 'right'],
  ['far left', 'left', 'right', 'far right'],
]

/** The gap taken in each of the three rows, counted from the left. */
export type Gaps = readonly [first: number, second: number, third: number]

/** The gaps of mode 0 … 23; the third row changes fastest. */
export function gapsOf(mode: number): Gaps {
  return [Math.floor(mode / 12), Math.floor(mode / 4) % 3, mode % 4]
}

/**
 * Where a path, straight between its points, passes height `y` for the last time on its way up.
 *
 * @returns x in m, or NaN if the path never passes
 */
export function crossing(path: readonly Point[], y: number): number {
  for (let i = path.length - 1; i > 0; i--) {
    const [x0, y0] = path[i - 1]
    const [x1, y1] = path[i]
    if (y0 < y && y1 >= y) return x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)
  }
  return Number.NaN
}

/**
 * The mode of a path: which gap it takes in each row, one of 2 · 3 · 4 = 24.
 *
 * @returns 0 … 23, or −1 if the path does not pass all three rows
 */
export function modeOf(path: readonly Point[]): number {
  let mode = 0
  for (const [index, row] of ROWS.entries()) {
    const x = crossing(path, row.y)
    if (Number.isNaN(x)) return -1
    mode = mode * GAPS[index].length + row.obstacles.filter(({ centre }) => centre[0] < x).length
  }
  return mode
}

/** The 24 ways through, of successful episodes only. */
export const modes: Modes<AvoidingState> = {
  names: GAPS[0].flatMap((first) =>
    GAPS[1].flatMap((second) => GAPS[2].map((third) => `${first} · ${second} · ${third}`)),
  ),
  of: (states) => (states.at(-1)?.outcome === 'arrived' ? modeOf(states.map((state) => state.actual)) : -1),
}
