import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import pushT from '../../envs/push-t/index.ts'
import opposite from '../../envs/push-t/opposite.ts'
import twoWay from '../../envs/two-way/index.ts'
import { collect, expectedDemonstrations } from '../../src/cli/demonstrations.ts'
import { createOutput } from '../../src/cli/output.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import { episodeCount, toEpisodes } from '../../src/data/dataset.ts'
import { readReplayBuffer } from '../../src/data/replay-buffer.ts'
import { InputError } from '../../src/errors.ts'
import { scratch } from '../scratch.ts'
import { tinyConfig } from '../train/tiny.ts'

for (const [environment, count] of [
  [pushT, 200],
  [opposite, 100],
] as const) {
  test(`${environment.name}: demonstrations come with the package, as the expert makes them`, async (t) => {
    const config = tinyConfig({}, { environment: environment.name, demonstrations: { count } })
    const path = expectedDemonstrations(config, environment)
    t.regex(path, /demonstrations.push-t.*zip$/)
    const dataset = await readReplayBuffer(path, { environment: environment.dynamics })
    t.is(episodeCount(dataset), count)
    t.true(dataset.success?.every((success) => success === 1))
    const [first] = toEpisodes(collectDemonstrations(environment, { count: 1, seed: 0 }))
    t.deepEqual(toEpisodes(dataset)[0], first)
  })
}

test('other demonstrations are expected where they are collected', (t) => {
  const config = tinyConfig({}, { environment: 'push-t', demonstrations: { count: 200, seed: 1 } })
  t.regex(expectedDemonstrations(config, pushT), /^data.push-t-200-seed1/)
  const own = tinyConfig({}, { environment: './push-t.js', demonstrations: { count: 200 } })
  t.regex(expectedDemonstrations(own, pushT), /^data/)
  const given = tinyConfig({}, { environment: 'push-t', demonstrations: { path: 'x.zip' } })
  t.is(expectedDemonstrations(given, pushT), 'x.zip')
})

const quiet = { ...createOutput(true), record() {} }

test('what is there is refused before anything is collected', async (t) => {
  const path = join(scratch(), 'there.zarr')
  writeFileSync(path, '')
  const demonstrate = () => t.fail('collects') as never
  const options = { count: 1, seed: 0, path }
  await t.throwsAsync(collect({ ...twoWay, demonstrate }, options, quiet), {
    instanceOf: InputError,
    message: /there\.zarr exists already; remove it/,
  })
  await collect(twoWay, { ...options, overwrite: true }, quiet)
  t.true(existsSync(join(path, 'data')))
})

test('collecting that is stopped leaves nothing', async (t) => {
  const folder = scratch()
  const controller = new AbortController()
  const progress = () => ({ update: () => controller.abort(), stop() {} })
  const options = { count: 1e6, seed: 0, path: join(folder, 'stopped.zarr.zip') }
  const stopped = collect(twoWay, options, { ...quiet, progress }, controller.signal)
  t.is(await stopped.catch((error) => error), controller.signal.reason)
  t.deepEqual(readdirSync(folder), [])
})
