import test from 'ava'
import fc from 'fast-check'
import axis from '../../../envs/two-way/axis.ts'
import { CLEARANCE, distanceFromDisc, START_SPREAD } from '../../../envs/two-way/geometry.ts'
import twoWay, { type TwoWayState } from '../../../envs/two-way/index.ts'
import type { Environment, Episode } from '../../../src/env/environment.ts'
import { Rng } from '../../../src/random/rng.ts'
import { row } from '../../../src/rows.ts'
import { environmentContract } from '../../contracts/environment.ts'

environmentContract(test, twoWay)
environmentContract(test, axis)

const { dynamics } = twoWay
const demonstrations = (environment: Environment, count: number): Episode[] =>
  Array.from({ length: count }, (_, i) => environment.demonstrate?.(i, Rng.seeded(i)) as Episode)

test('starts are spread over their range, or on the axis', (t) => {
  const starts = Array.from({ length: 200 }, (_, seed) => dynamics.initial(seed).x)
  t.true(starts.every((x) => Math.abs(x) <= START_SPREAD))
  t.true(Math.min(...starts) < -0.28 && Math.max(...starts) > 0.28)
  t.true(Math.abs(starts.reduce((sum, x) => sum + x, 0) / starts.length) < 0.05)
  for (let seed = 0; seed < 20; seed++) t.is(axis.dynamics.initial(seed).x, 0)
})

test('a step moves by the clipped velocity and stays within the walls', (t) => {
  const from = (x: number, y: number): TwoWayState => ({ x, y, collided: false })
  t.deepEqual(dynamics.transition(from(0.5, 0.5), [0.5, -0.25]), from(0.55, 0.475))
  t.deepEqual(dynamics.transition(from(0.5, 0.5), [9, -9]), from(0.6, 0.4))
  t.deepEqual(dynamics.transition(from(0.95, -1.15), [1, -1]), from(1, -1.2))
})

test('the disc ends the episode, even when it is only grazed between two steps', (t) => {
  const grazed = dynamics.transition({ x: -0.03, y: 0.3497, collided: false }, [0.6, 0])
  t.true(grazed.collided)
  t.true(Math.hypot(grazed.x, grazed.y) > CLEARANCE)
  t.true(dynamics.terminated(grazed))
  t.false(dynamics.success(grazed))
  t.is(dynamics.reward(grazed), 0)
  const beyond = dynamics.transition(grazed, [0, 1])
  t.true(beyond.collided)
})

test('the distance of a segment is that of its nearest point', (t) => {
  const coordinate = fc.double({ min: -2, max: 2, noNaN: true })
  const property = fc.property(coordinate, coordinate, coordinate, coordinate, (ax, ay, bx, by) => {
    const distance = distanceFromDisc(ax, ay, bx, by)
    let sampled = Infinity
    for (let i = 0; i <= 400; i++) {
      const part = i / 400
      sampled = Math.min(sampled, Math.hypot(ax + part * (bx - ax), ay + part * (by - ay)))
    }
    t.true(distance <= sampled + 1e-12)
    t.true(distance >= sampled - Math.hypot(bx - ax, by - ay) / 400 - 1e-12)
  })
  t.notThrows(() => fc.assert(property))
})

test('the mode is the side on which the disc is first passed', (t) => {
  const path = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y, collided: false }))
  t.is(dynamics.modes?.of(path([0, -1], [-0.5, -0.1], [-0.5, 0.1])), 0)
  t.is(dynamics.modes?.of(path([0, -1], [0.5, -0.1], [0.5, 0], [-0.5, 0.5])), 1)
  t.is(dynamics.modes?.of(path([0.3, -0.1], [-0.2, 0.9])), 1)
  t.is(dynamics.modes?.of(path([0, -1], [0, -0.5])), -1)
})

test('demonstrations succeed in turn left and right, smoothly and with room', (t) => {
  for (const environment of [twoWay, axis]) {
    for (const [index, episode] of demonstrations(environment, 100).entries()) {
      t.true(episode.success)
      t.is(episode.mode, index % 2)
      const { observation, action } = episode.columns
      for (let i = 1; i < episode.length; i++) {
        const [ax, ay] = row(observation, i - 1)
        const [bx, by] = row(observation, i)
        t.true(distanceFromDisc(ax, ay, bx, by) > CLEARANCE + 0.05)
        const [ux, uy] = row(action, i - 1)
        const [vx, vy] = row(action, i)
        t.true(Math.hypot(vx - ux, vy - uy) < 0.2)
      }
    }
  }
})

test('the side says nothing about the start', (t) => {
  const episodes = demonstrations(twoWay, 400)
  const starts = [0, 1].map((mode) =>
    episodes.filter((episode) => episode.mode === mode).map(({ columns }) => columns.observation.values[0]),
  )
  const means = starts.map((xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length)
  // Six standard errors of the difference of two means of 200 uniform numbers in ±0.3.
  t.true(Math.abs(means[0] - means[1]) < (6 * 0.6) / Math.sqrt(12) / 10)
})
