import test from 'ava'
import type { AvoidingState } from '../../../envs/avoiding/dynamics.ts'
import { type Point, START } from '../../../envs/avoiding/geometry.ts'
import { crossing, gapsOf, modeOf, modes } from '../../../envs/avoiding/modes.ts'

const GAPS = [
  [0.4, 0.6],
  [0.35, 0.5, 0.65],
  [0.28, 0.42, 0.58, 0.72],
]
const HEIGHTS = [-0.1, 0.08, 0.26]

const through = (mode: number): Point[] => [
  START,
  ...gapsOf(mode).map((gap, row): Point => [GAPS[row][gap], HEIGHTS[row]]),
  [0.5, 0.4],
]

const states = (path: readonly Point[], outcome: AvoidingState['outcome']): AvoidingState[] =>
  path.map((actual) => ({ desired: actual, actual, velocity: [0, 0], outcome }))

test('there are 24 modes with different readable names', (t) => {
  t.is(new Set(modes.names).size, 24)
  t.is(modes.names[0], 'left · left · far left')
  t.is(modes.names[23], 'right · right · far right')
  t.is(modes.names[modeOf(through(17))], 'right · centre · left')
})

test('the mode of a path is the gaps that it passes', (t) => {
  for (let mode = 0; mode < 24; mode++) {
    t.is(modeOf(through(mode)), mode)
    t.is(modes.of(states(through(mode), 'arrived')), mode)
  }
})

test('only a successful episode has a mode', (t) => {
  t.is(modes.of(states(through(5), 'collided')), -1)
  t.is(modes.of(states(through(5), 'moving')), -1)
  t.is(modes.of([]), -1)
  t.is(modeOf(through(5).slice(0, 3)), -1)
})

test('a crossing between two points is interpolated', (t) => {
  // At the row itself the path is left of the obstacle at 0.5, at both points it is at other sides.
  const path: Point[] = [
    [0.45, -0.105],
    [0.55, -0.085],
  ]
  t.true(Math.abs(crossing(path, -0.1) - 0.475) < 1e-12)
})

test('who turns back is judged by the last pass', (t) => {
  const [start, ...rest] = through(0)
  t.is(modeOf([start, [0.6, -0.05], [0.55, -0.2], ...rest]), 0)
  t.is(modeOf([start, ...rest, [0.6, -0.2], ...rest]), 0)
})
