import { readFileSync } from 'node:fs'
import test from 'ava'
import fc from 'fast-check'
import diffusionPolicy from '../../../envs/push-t/diffusion-policy.ts'
import { CENTRE, GOAL, placed, VERTICES } from '../../../envs/push-t/geometry.ts'
import keypoints from '../../../envs/push-t/index.ts'
import opposite from '../../../envs/push-t/opposite.ts'
import { settled } from '../../../envs/push-t/reset.ts'
import { createSimulator } from '../../../envs/push-t/simulator.ts'
import { blockPose, centreAt, type PushTState, stateAtRest } from '../../../envs/push-t/state.ts'
import stateOnly from '../../../envs/push-t/state-only.ts'
import { environmentContract } from '../../contracts/environment.ts'

for (const environment of [keypoints, stateOnly, diffusionPolicy, opposite]) {
  environmentContract(test, environment)
}

const { dynamics } = keypoints
const resting = (x: number, y: number, angle: number, agentX = 20, agentY = 20): PushTState =>
  stateAtRest(agentX, agentY, ...centreAt({ x, y, angle }), angle)

test('resets are those of RandomState(seed), followed by one substep', (t) => {
  const { resets } = JSON.parse(
    readFileSync(new URL('../../fixtures/push-t/resets.json', import.meta.url), 'utf8'),
  )
  for (const { seed, reset } of resets) {
    const [agentX, agentY, x, y, angle] = reset
    const state = settled(stateAtRest(agentX, agentY, x, y + CENTRE, angle))
    for (const environment of [keypoints, stateOnly, diffusionPolicy]) {
      t.deepEqual(environment.dynamics.initial(seed), state)
    }
    t.deepEqual([...state.bodies.slice(0, 2)], [agentX, agentY])
  }
  t.throws(() => dynamics.initial(2 ** 32), { name: 'InputError' })
})

test('every observation shows the same scene', (t) => {
  const state = resting(200, 300, 7, 30, 40)
  const close = (actual: Float32Array, expected: number[]) => {
    t.is(actual.length, expected.length)
    expected.forEach((value, i) => {
      t.true(Math.abs(actual[i] - value) < 1e-4, `${i}: ${actual[i]} instead of ${value}`)
    })
  }
  close(stateOnly.dynamics.observe(state), [30, 40, 200, 300, 7 - 2 * Math.PI])
  close(dynamics.observe(state), [...placed(VERTICES, 200, 300, 7).flat(), 30, 40])
  close(stateOnly.dynamics.observe(resting(0, 0, -1)), [20, 20, 0, 0, 2 * Math.PI - 1])
  const nine = diffusionPolicy.dynamics.observe(resting(200, 300, 0, 30, 40))
  t.is(nine.length, 20)
  t.deepEqual([...nine.slice(18)], [30, 40])
  for (let i = 0; i < 9; i++) {
    const x = nine[2 * i] - 200
    const y = nine[2 * i + 1] - 300
    // On the T with its 2 px border, shifted by up to 1 px.
    t.true(
      y >= -2 && y <= 123 && (Math.abs(x) <= 18 || (Math.abs(x) <= 63 && y <= 33)),
      `keypoint ${i}: ${x}, ${y}`,
    )
  }
})

test('coverage, reward and success at known poses', (t) => {
  const { x, y, angle } = GOAL
  const goal = resting(x, y, angle)
  t.is(dynamics.reward(goal), 1)
  t.true(dynamics.success(goal) && dynamics.terminated(goal))
  const across = (distance: number) =>
    resting(x + distance * Math.cos(angle), y + distance * Math.sin(angle), angle)
  // Moved along the bar by d, 30 d of the bar and 90 d of the stem are lost.
  for (const distance of [1, 2, 5, 10]) {
    const covered = 1 - (120 * distance) / 6300
    const state = across(-distance)
    t.true(Math.abs(dynamics.reward(state) - Math.min(1, covered / 0.95)) < 1e-12)
    t.is(dynamics.success(state), covered > 0.95)
  }
  // Turned half round about its centre of gravity: bar on stem and stem on bar share 30 × 30 each, and the
  // stems 30 × 30.
  const half = stateAtRest(20, 20, ...centreAt(GOAL), angle + Math.PI)
  t.true(Math.abs(dynamics.reward(half) - 2700 / 6300 / 0.95) < 1e-12)
  t.is(dynamics.reward(resting(60, 60, 0)), 0)
})

test('coverage is the share of points of the goal that lie on the block', (t) => {
  const inT = (x: number, y: number) =>
    (Math.abs(x) <= 60 && y >= 0 && y <= 30) || (Math.abs(x) <= 15 && y >= 30 && y <= 120)
  const property = fc.property(
    fc.double({ min: -60, max: 60, noNaN: true }),
    fc.double({ min: -60, max: 60, noNaN: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
    (dx, dy, angle) => {
      let inside = 0
      for (let u = -59.5; u < 60; u++) {
        for (let v = 0.5; v < 120; v++) {
          if (!inT(u, v)) continue
          const [[x, y]] = placed([[u, v]], GOAL.x, GOAL.y, GOAL.angle)
          const [[px, py]] = placed([[x - GOAL.x - dx, y - GOAL.y - dy]], 0, 0, -angle)
          if (inT(px, py)) inside++
        }
      }
      const state = resting(GOAL.x + dx, GOAL.y + dy, angle)
      const covered = inside / 6300
      if (covered / 0.95 > 0.99) return
      t.true(Math.abs(dynamics.reward(state) - covered / 0.95) < 0.01)
    },
  )
  t.notThrows(() => fc.assert(property, { numRuns: 60 }))
})

test('a pushed block leaves the agent, and rests when it is not touched', (t) => {
  let state = resting(256, 256, 0, 256, 200)
  for (let i = 0; i < 30; i++) state = dynamics.transition(state, [256, 300])
  const pushed = blockPose(state)
  t.true(Math.abs(pushed.x - 256) < 1e-9 && Math.abs(pushed.angle) < 1e-9)
  // The agent's edge is at 315; the solver leaves up to 0.1 px of overlap.
  t.true(Math.abs(pushed.y - 315) < 0.1)
  for (let i = 0; i < 10; i++) state = dynamics.transition(state, [256, 100])
  const left = blockPose(state)
  for (let i = 0; i < 10; i++) state = dynamics.transition(state, [100, 100])
  t.deepEqual(blockPose(state), left)
  t.is(state.memory.length, 0)
})

test('walls hold a block that can yield', (t) => {
  let state = resting(256, 440, Math.PI, 285, 360)
  let lowest = 0
  for (let i = 0; i < 60; i++) {
    state = dynamics.transition(state, [285, 470])
    lowest = Math.max(lowest, ...placed(VERTICES, ...poseOf(state)).map(([, y]) => y))
  }
  t.true(lowest > 503 && lowest < 506, `${lowest}`)
})

const poseOf = (state: PushTState): [number, number, number] => {
  const { x, y, angle } = blockPose(state)
  return [x, y, angle]
}

test('a simulator continues from a state and from another simulator', (t) => {
  const one = createSimulator()
  const other = createSimulator()
  let state = dynamics.initial(1)
  one.load(state)
  for (let i = 0; i < 60; i++) {
    const action = [256 + 200 * Math.sin(i / 5), 256 + 200 * Math.cos(i / 7)]
    if (i % 10 === 5) other.copy(one)
    if (i % 10 >= 5) other.step(action[0], action[1])
    one.step(action[0], action[1])
    state = dynamics.transition(state, action)
    t.deepEqual(one.save(), state)
    if (i % 10 >= 5) t.deepEqual(other.save(), state)
  }
})

test('the opposite start is symmetric about the axis of the goal, and tells turns apart', (t) => {
  const { modes } = opposite.dynamics
  t.deepEqual(modes?.names, ['clockwise', 'counter-clockwise'])
  t.is(dynamics.modes, undefined)
  const places = Array.from({ length: 300 }, (_, seed) => {
    const state = opposite.dynamics.initial(seed)
    const pose = blockPose(state)
    t.true(Math.abs(pose.angle - GOAL.angle - Math.PI) < 1e-12)
    // Untouched by the first substep.
    t.deepEqual([...state.bodies.slice(4, 6)], [...centreAt(GOAL)])
    t.is(modes?.of([state]), -1)
    return opposite.dynamics.position(state)
  })
  const across = places.map(([x, y]) => x + y - 512)
  const mean = across.reduce((sum, value) => sum + value, 0) / across.length
  t.true(Math.abs(mean) < 40)
  const turned = (angle: number) => resting(0, 0, angle)
  t.is(modes?.of([turned(4), turned(1), turned(0.9)]), 0)
  t.is(modes?.of([turned(4), turned(1), turned(7)]), 1)
})

test('what the agent does in the mirror, the block does in the mirror', (t) => {
  const turn = stateOnly.mirror!
  const corners = opposite.mirror!
  // Away from the walls, which are 1 px off the mirror's symmetry.
  for (const [x, y, angle, agentX, agentY] of [
    [256, 256, Math.PI / 4 + Math.PI, 160, 330],
    [230, 280, 1, 300, 200],
  ]) {
    let state = resting(x, y, angle, agentX, agentY)
    const [imageX, imageY, blockX, blockY, turned] = turn.observation(stateOnly.dynamics.observe(state))
    let image = resting(blockX, blockY, turned, imageX, imageY)
    for (let k = 0; k < 12; k++) {
      const target = [agentX + 8 * k, agentY - 4 * k]
      state = dynamics.transition(state, target)
      image = dynamics.transition(image, turn.action(target))
      const expected = corners.observation(dynamics.observe(state))
      dynamics.observe(image).forEach((value, i) => {
        t.true(Math.abs(value - expected[i]) < 0.5, `step ${k}, coordinate ${i}: ${value}, ${expected[i]}`)
      })
    }
  }
})
