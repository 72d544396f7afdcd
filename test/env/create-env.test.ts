import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import { createEnv } from '../../src/env/create-env.ts'

test('step answers what the dynamics say', (t) => {
  const { dynamics } = twoWay
  const env = createEnv(dynamics)
  const { observation, info } = env.reset({ seed: 4 })
  t.deepEqual(info.state, dynamics.initial(4))
  t.deepEqual(observation, dynamics.observe(dynamics.initial(4)))
  t.is(info.steps, 0)
  const next = dynamics.transition(dynamics.initial(4), [0.5, 0.5])
  t.deepEqual(env.step([0.5, 0.5]), {
    observation: dynamics.observe(next),
    reward: dynamics.reward(next),
    terminated: false,
    truncated: false,
    info: { state: next, success: false, steps: 1 },
  })
})

test('without a seed every reset starts elsewhere, the same way in every run', (t) => {
  const starts = () => {
    const env = createEnv(twoWay.dynamics)
    return [env.reset(), env.reset(), env.reset({ seed: 9 }), env.reset()].map(({ info }) => info.state)
  }
  t.deepEqual(starts(), [0, 1, 9, 10].map(twoWay.dynamics.initial))
  t.deepEqual(starts(), starts())
})

test('a given state is copied', (t) => {
  const state = { x: 0.1, y: 0.2, collided: false }
  const { info } = createEnv(twoWay.dynamics).reset({ state })
  t.deepEqual(info.state, state)
  t.not(info.state, state)
})

test('an episode is cut at the limit', (t) => {
  const env = createEnv(twoWay.dynamics)
  env.reset()
  for (let i = 1; i < twoWay.dynamics.maxSteps; i++) t.false(env.step([0, 0]).truncated)
  const { truncated, terminated } = env.step([0, 0])
  t.true(truncated)
  t.false(terminated)
  t.throws(() => env.step([0, 0]), { name: 'InputError', message: /after the end/ })
})

test('a termination at the limit is not a cut', (t) => {
  const env = createEnv({ ...twoWay.dynamics, maxSteps: 1 })
  env.reset({ state: { x: 0.8, y: 0.95, collided: false } })
  const { truncated, terminated, info } = env.step([0, 1])
  t.false(truncated)
  t.true(terminated)
  t.true(info.success)
})

test('bad calls are named', (t) => {
  const env = createEnv(twoWay.dynamics)
  t.throws(() => env.step([0, 0]), { name: 'InputError', message: /before the first reset/ })
  env.reset()
  t.throws(() => env.step([0]), { name: 'InputError', message: /1 numbers instead of 2/ })
  t.throws(() => env.step([0, Number.NaN]), { name: 'InputError', message: /"velocity y \(m\/s\)" is NaN/ })
})
