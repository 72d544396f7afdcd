import test from 'ava'
import fc from 'fast-check'
import { AGENT_RADIUS, BAR, type Rectangle, STEM } from '../../../envs/push-t/geometry.ts'
import pushT from '../../../envs/push-t/index.ts'
import { observations } from '../../../envs/push-t/observations.ts'
import { isClear, outlineAt, PERIMETER, wayAround } from '../../../envs/push-t/outline.ts'
import { distanceLeft } from '../../../envs/push-t/planner.ts'
import { centreAt, stateAtRest } from '../../../envs/push-t/state.ts'
import { firstOutside } from '../../../src/env/space.ts'
import { Rng } from '../../../src/random/rng.ts'
import { row } from '../../../src/rows.ts'

const { dynamics } = pushT

const distance = ({ left, bottom, right, top }: Rectangle, x: number, y: number) =>
  Math.hypot(Math.max(left - x, 0, x - right), Math.max(bottom - y, 0, y - top))
const clearance = (x: number, y: number) => Math.min(distance(BAR, x, y), distance(STEM, x, y))

test('demonstrations replay to success, with even moves of the target', (t) => {
  for (let index = 0; index < 6; index++) {
    const rng = Rng.seeded(11).fork('demonstration', index)
    const episode = pushT.demonstrate?.(index, rng)
    if (!episode) return t.fail()
    const { observation, action, state: poses } = episode.columns
    let state = dynamics.initial(rng.fork('attempt', 0).fork('start').uint32())
    let [lastX, lastY] = dynamics.position(state)
    for (let i = 0; i < episode.length; i++) {
      const target = row(action, i)
      t.deepEqual(dynamics.observe(state), row(observation, i))
      t.deepEqual(observations.state.observe(state), row(poses, i))
      t.true(Math.hypot(target[0] - lastX, target[1] - lastY) < 18 + 1e-3, `${index}, action ${i}`)
      t.is(firstOutside(dynamics.action, target), -1)
      t.false(dynamics.terminated(state))
      state = dynamics.transition(state, target)
      lastX = target[0]
      lastY = target[1]
    }
    t.true(dynamics.success(state) && episode.success)
    t.true(episode.length < 250)
    t.is(episode.mode, -1)
  }
})

test('the same stream gives the same demonstration, another one another', (t) => {
  const made = (seed: number) => pushT.demonstrate?.(0, Rng.seeded(seed))
  t.deepEqual(made(1), made(1))
  t.notDeepEqual(made(1)?.columns.action, made(2)?.columns.action)
})

test('the outline of the T is walked at even speed, with outward normals', (t) => {
  t.is(PERIMETER, 480)
  // Where the corners are; there the normal is one of two.
  const corners = [0, 120, 150, 195, 285, 315, 405, 450, 480]
  const property = fc.property(fc.double({ min: -2000, max: 2000, noNaN: true }), (place) => {
    const within = ((place % PERIMETER) + PERIMETER) % PERIMETER
    fc.pre(corners.every((corner) => Math.abs(within - corner) > 0.01))
    const { point, normal } = outlineAt(place)
    t.true(clearance(...point) < 1e-9)
    t.true(clearance(point[0] + 1e-3 * normal[0], point[1] + 1e-3 * normal[1]) > 9e-4)
    t.deepEqual(outlineAt(place + PERIMETER).normal.map(Math.round), normal.map(Math.round))
  })
  t.notThrows(() => fc.assert(property))
})

test('ways around the block keep clear of it', (t) => {
  const place = fc.tuple(
    fc.double({ min: -150, max: 150, noNaN: true }),
    fc.double({ min: -100, max: 220, noNaN: true }),
  )
  const property = fc.property(place, place, (from, to) => {
    fc.pre(isClear(to))
    const way = wayAround(from, to, () => true)
    if (!way) return t.fail()
    t.deepEqual(way[way.length - 1], to)
    // The first piece of a start too near leads away from the block.
    const pieces = isClear(from) ? [from, ...way] : way
    for (let i = 1; i < pieces.length; i++) {
      const [a, b] = [pieces[i - 1], pieces[i]]
      for (let share = 0; share <= 1; share += 0.02) {
        const gap = clearance(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
        t.true(gap > AGENT_RADIUS + 3.9, `${gap}`)
      }
    }
  })
  t.notThrows(() => fc.assert(property))
  t.is(
    wayAround([-100, -40], [100, 140], () => false),
    undefined,
  )
})

test('the distance left is 0 at the goal only', (t) => {
  const at = (x: number, y: number, angle: number) =>
    distanceLeft(stateAtRest(0, 0, ...centreAt({ x, y, angle }), angle).bodies)
  t.true(at(256, 256, Math.PI / 4) < 1e-9)
  t.true(at(256, 256, Math.PI / 4 + 2 * Math.PI) < 1e-9)
  t.true(Math.abs(at(259, 260, Math.PI / 4) - 5) < 1e-9)
  t.true(at(256, 256, 0) > 20)
})
