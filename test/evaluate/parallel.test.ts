import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { EpisodeRecord } from '../../src/evaluate/episode-record.ts'
import { createRolloutPool, rolloutParallel } from '../../src/evaluate/parallel.ts'
import type { Steering } from './steering.js'

const planner = (data: Steering = {}) => ({ module: new URL('./steering.js', import.meta.url).href, data })
const request = {
  environment: twoWay,
  planner: planner(),
  seeds: Array.from({ length: 13 }, (_, i) => 50 + i),
  group: 3,
}
const timeless = (episodes: readonly EpisodeRecord[]) =>
  episodes.map((episode) => ({ ...episode, latency: [] }))

test('the result does not depend on the number of workers', async (t) => {
  const here = await rolloutParallel(request, { workers: 0 })
  t.deepEqual(
    here.map(({ seed, batch }) => [seed, batch]),
    request.seeds.map((seed, i) => [seed, i < 12 ? 3 : 1]),
  )
  for (const workers of [1, 2, 3]) {
    t.deepEqual(timeless(await rolloutParallel(request, { workers })), timeless(here))
  }
})

test('one pool serves several planners, records, and says how far it is', async (t) => {
  const pool = createRolloutPool({ workers: 2 })
  t.teardown(() => pool.close())
  const steps: [number, number][] = []
  const first = await pool.run({ ...request, onProgress: (...step) => steps.push(step), record: true })
  t.deepEqual(steps.at(-1), [13, 13])
  t.is(steps.length, 5)
  t.is(first[4].recording?.states.length, first[4].length + 1)
  const straight = await pool.run({ ...request, planner: planner({ noise: 0 }) })
  t.notDeepEqual(straight[0].path, first[0].path)
  t.deepEqual(timeless(await pool.run({ ...request, record: true })), timeless(first))
  t.deepEqual(await pool.run({ ...request, seeds: [] }), [])
})

test('a worker that throws is named with its episodes, and the pool lives on', async (t) => {
  const pool = createRolloutPool({ workers: 2 })
  t.teardown(() => pool.close())
  await t.throwsAsync(pool.run({ ...request, planner: planner({ fail: 'out of ideas' }) }), {
    name: 'FailureError',
    message: /seeds \d+ to \d+ failed: out of ideas/,
  })
  await t.throwsAsync(pool.run({ ...request, planner: planner({ exit: true }) }), {
    name: 'FailureError',
    message: /seeds \d+ to \d+ failed/,
  })
  const module = new URL('../../src/rows.js', import.meta.url).href
  await t.throwsAsync(pool.run({ ...request, planner: { module } }), {
    name: 'InputError',
    message: /no default export; export the planner factory/,
  })
  t.is((await pool.run(request)).length, 13)
})

test('an abort ends a rollout with its reason', async (t) => {
  for (const workers of [0, 2]) {
    const controller = new AbortController()
    const running = rolloutParallel(
      {
        ...request,
        planner: planner({ wait: 5 }),
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      },
      { workers },
    )
    await t.throwsAsync(running, { message: 'enough' })
    await t.throwsAsync(rolloutParallel({ ...request, signal: controller.signal }, { workers }), {
      message: 'enough',
    })
  }
})

test('bad options are named', async (t) => {
  t.throws(() => createRolloutPool({ workers: 1.5 }), { name: 'InputError', message: /"workers" is 1\.5/ })
  const bad = { ...request, group: 0 }
  await t.throwsAsync(rolloutParallel(bad, { workers: 0 }), { name: 'InputError', message: /"group" is 0/ })
})
