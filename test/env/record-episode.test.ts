import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import { recordEpisode } from '../../src/env/record-episode.ts'
import { row } from '../../src/rows.ts'

const { dynamics } = twoWay

test('rows hold the observation before each action, and the actions replay exactly', (t) => {
  const start = { x: 0.6, y: -1, collided: false }
  const episode = recordEpisode(dynamics, start, (_, step) => [Math.sin(step) / 3, 0.7], {
    state: ({ x, y }) => [x, y, 1],
  })
  t.true(episode.success)
  t.is(episode.mode, 1)
  t.is(episode.columns.state.columns, 3)
  let state = start
  for (let i = 0; i < episode.length; i++) {
    t.false(dynamics.terminated(state))
    t.deepEqual(row(episode.columns.observation, i), dynamics.observe(state))
    t.deepEqual(row(episode.columns.state, i), Float32Array.of(state.x, state.y, 1))
    state = dynamics.transition(state, row(episode.columns.action, i))
  }
  t.true(dynamics.success(state))
})

test('an episode that goes nowhere is cut', (t) => {
  const episode = recordEpisode(dynamics, dynamics.initial(0), () => [0, 0])
  t.is(episode.length, dynamics.maxSteps)
  t.false(episode.success)
  t.is(episode.mode, -1)
})

test('a controller of the wrong width is named', (t) => {
  t.throws(() => recordEpisode(dynamics, dynamics.initial(0), () => [1]), {
    name: 'InputError',
    message: /controller gave 1 numbers at step 0/,
  })
})
