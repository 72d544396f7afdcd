import test from 'ava'
import pushT from '../../envs/push-t/index.ts'
import opposite from '../../envs/push-t/opposite.ts'
import { expectedDemonstrations } from '../../src/cli/demonstrations.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import { episodeCount, toEpisodes } from '../../src/data/dataset.ts'
import { readReplayBuffer } from '../../src/data/replay-buffer.ts'
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
