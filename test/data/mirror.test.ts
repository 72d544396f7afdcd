import test from 'ava'
import avoiding from '../../envs/avoiding/index.ts'
import pushT from '../../envs/push-t/index.ts'
import twoWay from '../../envs/two-way/index.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import { toEpisodes } from '../../src/data/dataset.ts'
import { mirrorPairs, withMirrorImages } from '../../src/data/mirror.ts'

test('every demonstration is followed by its mirror image, which shows the other mode', (t) => {
  const dataset = collectDemonstrations(twoWay, { count: 3, seed: 1 })
  const both = toEpisodes(withMirrorImages(dataset, twoWay))
  t.is(both.length, 6)
  t.deepEqual(
    both.map(({ mode }) => mode),
    [0, 1, 1, 0, 0, 1],
  )
  const [original, image] = both
  const x = (values: Float32Array) => values.filter((_, i) => i % 2 === 0)
  t.deepEqual(
    x(image.columns.observation.values),
    x(original.columns.observation.values).map((value) => -value),
  )
  t.deepEqual(toEpisodes(dataset)[0].columns.action.values, original.columns.action.values)
})

test('columns that cannot be reflected are left out', (t) => {
  const dataset = collectDemonstrations(pushT, { count: 1, seed: 0 })
  t.true('state' in dataset.columns)
  t.deepEqual(Object.keys(withMirrorImages(dataset, pushT).columns), ['observation', 'action'])
})

test('an environment without symmetry is refused', (t) => {
  const dataset = collectDemonstrations(avoiding, { count: 1, seed: 0 })
  t.throws(() => withMirrorImages(dataset, avoiding), {
    name: 'InputError',
    message: /"avoiding" has no mirror/,
  })
})

test('rows are paired with the same rows of the next episode', (t) => {
  t.deepEqual([...mirrorPairs(Int32Array.of(0, 0, 1, 1, 4, 4, 4, 5, 5, 5))], [0, 2, 1, 3, 4, 7, 5, 8, 6, 9])
})
