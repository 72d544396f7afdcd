import test from 'ava'
import fc from 'fast-check'
import { ACTION_LIMIT, dynamics } from '../../../envs/avoiding/dynamics.ts'
import { demonstrate, MARGIN } from '../../../envs/avoiding/expert.ts'
import { clearance } from '../../../envs/avoiding/geometry.ts'
import avoiding from '../../../envs/avoiding/index.ts'
import { modes } from '../../../envs/avoiding/modes.ts'
import { Rng } from '../../../src/random/rng.ts'
import { row } from '../../../src/rows.ts'

/** Plays a demonstration's recorded actions. */
function replay(index: number, seed: number) {
  const episode = demonstrate(index, Rng.seeded(seed))
  const states = [dynamics.initial(0)]
  for (let i = 0; i < episode.length; i++) {
    states.push(dynamics.transition(states[i], row(episode.columns.action, i)))
  }
  return { episode, states }
}

test('demonstrations of every mode repeat exactly, succeed and keep their distance', (t) => {
  for (let index = 0; index < 240; index++) {
    const { episode, states } = replay(index, index)
    t.is(episode.mode, index % 24)
    t.true(episode.success)
    t.is(modes.of(states), index % 24)
    t.true(episode.length >= 60 && episode.length <= 150, `${episode.length} actions`)
    for (let i = 0; i < episode.length; i++) {
      t.deepEqual(row(episode.columns.observation, i), dynamics.observe(states[i]))
      t.false(dynamics.terminated(states[i]))
      t.true(clearance(...states[i + 1].actual) >= MARGIN)
    }
  }
})

test('demonstrations are smooth: no action is far from the one before, none leaves the box', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.nat(), (index, seed) => {
      const { action } = demonstrate(index, Rng.seeded(seed)).columns
      for (let i = 0; i < action.rows; i++) {
        const [x, y] = row(action, i)
        t.true(Math.abs(x) <= ACTION_LIMIT && Math.abs(y) <= ACTION_LIMIT)
        t.true(y > 0, 'always onwards')
        if (i === 0) continue
        const [beforeX, beforeY] = row(action, i - 1)
        t.true(Math.hypot(x - beforeX, y - beforeY) < 0.004)
      }
    }),
  )
})

test('demonstrations vary within a mode and depend on their stream alone', (t) => {
  const [first, second, again] = [1, 2, 1].map((seed) => demonstrate(30, Rng.seeded(seed)))
  t.deepEqual(first, again)
  t.notDeepEqual(first.columns.action, second.columns.action)
})

test('the environment names the module that workers load', async (t) => {
  const loaded = await import(avoiding.module)
  t.is(loaded.default, avoiding)
})
