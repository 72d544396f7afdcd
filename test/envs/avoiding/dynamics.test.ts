import test from 'ava'
import fc from 'fast-check'
import { ACTION_LIMIT, type AvoidingState, dynamics } from '../../../envs/avoiding/dynamics.ts'
import { clearance, GOAL_Y, OBSTACLES, START } from '../../../envs/avoiding/geometry.ts'
import { FREQUENCY } from '../../../envs/avoiding/tracking.ts'

const at = (x: number, y: number): AvoidingState => ({
  desired: [x, y],
  actual: [x, y],
  velocity: [0, 0],
  outcome: 'moving',
})

/** Drives straight by `action` until the episode ends, 250 actions at most. */
function drive(state: AvoidingState, action: readonly number[]): AvoidingState[] {
  const states = [state]
  while (states.length <= dynamics.maxSteps && !dynamics.terminated(states[states.length - 1])) {
    states.push(dynamics.transition(states[states.length - 1], action))
  }
  return states
}

const coordinate = fc.double({ min: -ACTION_LIMIT, max: ACTION_LIMIT, noNaN: true })
const actions = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 120 })

test('every episode starts at rest in the same place', (t) => {
  t.deepEqual(dynamics.initial(0), dynamics.initial(7))
  t.deepEqual([...dynamics.observe(dynamics.initial(3))], [0.525, -0.28, 0.525, -0.28].map(Math.fround))
  t.is(dynamics.maxSteps, 250)
  t.is(dynamics.period, 0.035)
})

test("the table is D3IL's", (t) => {
  t.deepEqual(START, [0.525, -0.28])
  t.deepEqual(
    OBSTACLES.map(({ centre, radius }) => [...centre, radius]),
    [
      [0.5, -0.1, 0.03],
      [0.425, 0.08, 0.025],
      [0.575, 0.08, 0.025],
      [0.35, 0.26, 0.025],
      [0.5, 0.26, 0.025],
      [0.65, 0.26, 0.025],
    ],
  )
  t.is(GOAL_Y, 0.35)
  t.true(Math.abs(clearance(0.55, -0.1) - 0.01) < 1e-12)
})

test('the actual position lags the desired one by 2/ω at constant speed', (t) => {
  const states = drive(at(0.3, -0.28), [0, 0.005]).slice(0, 30)
  const { desired, actual, velocity } = states[states.length - 1]
  const speed = 0.005 / dynamics.period
  t.true(Math.abs(velocity[1] / speed - 1) < 0.3)
  // Steps instead of a ramp: just after a step has been followed, up to one action less behind.
  t.true(desired[1] - actual[1] < (2 / FREQUENCY) * speed)
  t.true(desired[1] - actual[1] > (2 / FREQUENCY) * speed - 0.005)
})

test('the rod never leaves the range of its desired positions, whatever the actions', (t) => {
  fc.assert(
    fc.property(actions, (list) => {
      let state = dynamics.initial(0)
      const low = [...START]
      const high = [...START]
      for (const action of list) {
        state = dynamics.transition(state, action)
        for (const i of [0, 1]) {
          low[i] = Math.min(low[i], state.desired[i])
          high[i] = Math.max(high[i], state.desired[i])
          t.true(state.actual[i] >= low[i] - 1e-12 && state.actual[i] <= high[i] + 1e-12)
        }
      }
    }),
  )
})

test('observations stay in their box, and states are plain data that is never changed', (t) => {
  fc.assert(
    fc.property(actions, (list) => {
      let state = dynamics.initial(0)
      for (const action of list) {
        const copy = structuredClone(state)
        const next = dynamics.transition(state, action)
        t.deepEqual(state, copy)
        t.deepEqual(dynamics.transition(copy, action), next)
        for (const [i, value] of dynamics.observe(next).entries()) {
          t.true(value >= dynamics.observation.low[i] && value <= dynamics.observation.high[i])
        }
        state = next
      }
    }),
  )
})

test('the episode ends in the millisecond in which an obstacle is touched', (t) => {
  for (const { centre } of OBSTACLES) {
    const states = drive(at(centre[0], centre[1] - 0.06), [0, 0.01])
    const last = states[states.length - 1]
    t.is(last.outcome, 'collided')
    t.true(dynamics.terminated(last) && !dynamics.success(last))
    t.is(dynamics.reward(last), 0)
    const depth = -clearance(...last.actual)
    t.true(depth > 0 && depth <= last.velocity[1] * 0.0011, `${depth}`)
    t.is(dynamics.transition(last, [0, 0.01]), last)
  }
})

test('a grazing pass is free, a slightly nearer one is not', (t) => {
  t.is(drive(at(0.5401, -0.28), [0, 0.004]).at(-1)?.outcome, 'collided', 'the second row is ahead')
  t.true(drive(at(0.5401, -0.28), [0, 0.004]).at(-1)!.actual[1] > 0)
  t.true(drive(at(0.5399, -0.28), [0, 0.004]).at(-1)!.actual[1] < -0.09)
})

test('success is crossing the goal line', (t) => {
  const states = drive(at(0.25, 0.2), [0, 0.008])
  const last = states[states.length - 1]
  t.is(last.outcome, 'arrived')
  t.true(last.actual[1] > GOAL_Y && last.actual[1] < GOAL_Y + 0.001)
  t.true(states.slice(0, -1).every((state) => state.actual[1] <= GOAL_Y && !dynamics.terminated(state)))
  t.deepEqual(states.map(dynamics.reward), [...new Array(states.length - 1).fill(0), 1])
})

test('the scene shows every obstacle, the goal, the desired position and the rod', (t) => {
  const state = dynamics.transition(dynamics.initial(0), [0.003, 0.01])
  const { shapes, unit } = dynamics.scene(state)
  t.is(unit, 'm')
  t.is(new Set(shapes.map((shape) => shape.path)).size, shapes.length)
  t.is(shapes.filter((shape) => shape.role === 'obstacle').length, 6)
  t.deepEqual(shapes.find((shape) => shape.role === 'agent')?.points, [state.actual])
  t.deepEqual(shapes.find((shape) => shape.role === 'target')?.points, [state.desired])
  t.is(shapes.find((shape) => shape.role === 'goal')?.points[0][1], GOAL_Y)
})
