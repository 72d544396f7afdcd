import type { TestFn } from 'ava'
import fc from 'fast-check'
import { checkEnv } from '../../src/env/check-env.ts'
import { createEnv } from '../../src/env/create-env.ts'
import type { Environment } from '../../src/env/environment.ts'
import { sample } from '../../src/env/space.ts'
import { Rng } from '../../src/random/rng.ts'

/** What every environment must keep: call it in the environment's own test file. */
export function environmentContract(test: TestFn, environment: Environment): void {
  const { name, dynamics } = environment

  test(`${name}: keeps its promises`, (t) => {
    t.notThrows(() => checkEnv(environment))
  })

  test(`${name}: keeps its promises from other seeds`, (t) => {
    t.notThrows(() => checkEnv(environment, { seed: 1000, episodes: 2, demonstrations: 1 }))
  })

  test(`${name}: its module exports it`, async (t) => {
    const loaded = (await import(environment.module)).default
    t.is(loaded.name, name)
    t.deepEqual(loaded.dynamics.initial(7), dynamics.initial(7))
  })

  test(`${name}: the same seed and actions give the same episode, resumed at any state`, (t) => {
    const property = fc.property(fc.nat(), fc.integer({ min: 0, max: 20 }), (seed, pause) => {
      const actions = Array.from({ length: 25 }, (_, i) =>
        sample(dynamics.action, Rng.seeded(seed).fork('action', i)),
      )
      const whole = createEnv(dynamics)
      const resumed = createEnv(dynamics)
      whole.reset({ seed })
      for (const [i, action] of actions.entries()) {
        const step = whole.step(action)
        if (i === pause) resumed.reset({ state: step.info.state })
        if (i > pause) {
          const again = resumed.step(action)
          t.deepEqual(again.observation, step.observation)
          t.deepEqual(again.info.state, step.info.state)
          t.is(again.reward, step.reward)
          t.is(again.terminated, step.terminated)
        }
        if (step.terminated || step.truncated) break
      }
    })
    t.notThrows(() => fc.assert(property, { numRuns: 10 }))
  })

  test(`${name}: an episode ends within its limit`, (t) => {
    const env = createEnv(dynamics)
    const rng = Rng.seeded(3)
    env.reset({ seed: 3 })
    let steps = 0
    for (;;) {
      const { terminated, truncated, info } = env.step(sample(dynamics.action, rng))
      t.is(info.steps, ++steps)
      t.false(terminated && truncated)
      if (terminated || truncated) break
    }
    t.true(steps <= dynamics.maxSteps)
    t.throws(() => env.step(sample(dynamics.action, rng)), { name: 'InputError', message: /reset/ })
  })

  const { mirror } = environment
  if (mirror) {
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).every((value, i) => Math.abs(value - b[i]) <= 1e-5 * (1 + Math.abs(value)))
    test(`${name}: reflecting twice changes nothing`, (t) => {
      for (let i = 0; i < 20; i++) {
        const action = sample(dynamics.action, Rng.seeded(i))
        const observation = dynamics.observe(dynamics.initial(i))
        t.true(close(mirror.action(mirror.action(action)), action))
        t.true(close(mirror.observation(mirror.observation(observation)), observation))
      }
      const modes = (dynamics.modes?.names ?? []).map((_, mode) => mode)
      t.deepEqual(
        modes.map((mode) => mirror.mode(mirror.mode(mode))),
        modes,
      )
    })
  }

  if (environment.demonstrate === undefined) return

  test(`${name}: demonstrations of one mode vary`, (t) => {
    const other = dynamics.modes?.names.length ?? 1
    const first = environment.demonstrate?.(0, Rng.seeded(1))
    const second = environment.demonstrate?.(other, Rng.seeded(2))
    t.is(first?.mode, second?.mode)
    t.notDeepEqual(first?.columns.action.values, second?.columns.action.values)
  })
}
