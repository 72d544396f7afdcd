import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { type Dataset, fromEpisodes, toEpisodes } from '../../src/data/dataset.ts'
import { readReplayBuffer, writeReplayBuffer } from '../../src/data/replay-buffer.ts'
import type { Episode } from '../../src/env/environment.ts'
import { FailureError, InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'
import { scratch } from '../scratch.ts'
import { fixtureJson, fixturePath, fixtureTensors } from './fixture.ts'

const expected = fixtureJson('replay_buffer/replay_buffer.json')
const tensors = fixtureTensors('replay_buffer/replay_buffer.safetensors')
const tiny = (): Dataset =>
  fromEpisodes(
    [3, 2].map((length, e) => ({
      columns: {
        observation: rows(
          Float32Array.from({ length: length * 3 }, (_, i) => i / 7 + e),
          length,
          3,
        ),
        action: rows(
          Float32Array.from({ length }, (_, i) => -i - e),
          length,
          1,
        ),
      },
      length,
      success: e === 0,
      mode: e - 1,
    })),
    { environment: 'two-way', seed: 7, version: '0.1.0' },
  )

for (const file of ['pusht_like.zarr', 'pusht_like.zarr.zip', 'pusht_like_deflated.zip']) {
  test(`reads ${file}`, async (t) => {
    const dataset = await readReplayBuffer(fixturePath(`replay_buffer/${file}`))
    t.deepEqual(Object.keys(dataset.columns), ['action', 'img', 'keypoint', 'state'])
    for (const name of ['action', 'state', 'keypoint']) {
      const { values } = dataset.columns[name]
      const hash = createHash('sha256').update(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      )
      t.is(hash.digest('hex'), expected.arrays[`data/${name}`].sha256)
    }
    const image = Uint8Array.from(dataset.columns.img.values)
    t.is(createHash('sha256').update(image).digest('hex'), expected.arrays['data/img'].sha256)
    t.deepEqual([...dataset.episodeEnds], tensors['meta.episode_ends'].values)
    t.deepEqual(dataset.shapes, { img: [48, 48, 3], keypoint: [9, 2] })
    t.is(dataset.success, undefined)
  })
}

test('reads only the columns asked for', async (t) => {
  const path = fixturePath('replay_buffer/pusht_like.zarr')
  const dataset = await readReplayBuffer(path, { columns: ['action'] })
  t.deepEqual(Object.keys(dataset.columns), ['action'])
})

test('what is written in either form reads back', async (t) => {
  const folder = scratch()
  const cell = fc.float({ noNaN: true, noDefaultInfinity: true })
  const episode = fc.record({
    length: fc.integer({ min: 1, max: 9 }),
    success: fc.boolean(),
    mode: fc.nat(3),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(episode, { minLength: 1, maxLength: 5 }), cell, async (shapes, seed) => {
      const episodes: Episode[] = shapes.map(({ length, success, mode }) => ({
        columns: {
          observation: rows(
            Float32Array.from({ length: length * 4 }, (_, i) => i * seed || 0),
            length,
            4,
          ),
          action: rows(new Float32Array(length * 2).fill(seed), length, 2),
        },
        length,
        success,
        mode,
      }))
      const finite = episodes.every(({ columns }) => columns.observation.values.every(Number.isFinite))
      fc.pre(finite)
      const dataset = fromEpisodes(episodes, { environment: 'x', seed: 1 })
      for (const name of ['a.zarr', 'a.zarr.zip']) {
        await writeReplayBuffer(join(folder, name), dataset, { overwrite: true })
        const back = await readReplayBuffer(join(folder, name))
        t.deepEqual(back, {
          ...dataset,
          path: join(folder, name),
          columns: { action: dataset.columns.action, observation: dataset.columns.observation },
        })
        t.deepEqual(
          toEpisodes(back).map(({ success, mode, length }) => ({ success, mode, length })),
          shapes.map(({ success, mode, length }) => ({ success, mode, length })),
        )
      }
    }),
    { numRuns: 25 },
  )
  t.deepEqual(readdirSync(folder).sort(), ['a.zarr', 'a.zarr.zip'], 'nothing is left beside them')
})

test('a column longer than a chunk and one of arrays keep their values and shape', async (t) => {
  const path = join(scratch(), 'long.zarr')
  const steps = 30_000
  const values = Float32Array.from({ length: steps * 18 }, (_, i) => Math.fround(Math.sin(i)))
  const dataset: Dataset = {
    columns: { keypoint: rows(values, steps, 18) },
    shapes: { keypoint: [9, 2] },
    episodeEnds: Int32Array.of(10_000, steps),
    attributes: {},
  }
  await writeReplayBuffer(path, dataset)
  t.deepEqual(readdirSync(join(path, 'data', 'keypoint')).sort(), ['.zarray', '0.0.0', '1.0.0'])
  t.deepEqual(await readReplayBuffer(path), { ...dataset, path })
})

test('the layout is zarr version 2 as diffusion_policy writes it', async (t) => {
  const path = join(scratch(), 'a.zarr')
  await writeReplayBuffer(path, tiny())
  const json = (name: string) => JSON.parse(readFileSync(join(path, name), 'utf8'))
  t.deepEqual(json('.zgroup'), { zarr_format: 2 })
  t.deepEqual(json('.zattrs'), { environment: 'two-way', seed: 7, version: '0.1.0' })
  const { compressor, dtype, order, fill_value } = expected.arrays['data/action']
  const layout = { filters: null, zarr_format: 2, shape: [5, 1], chunks: [5, 1] }
  t.deepEqual(json('data/action/.zarray'), { compressor, dtype, order, fill_value, ...layout })
  t.is(json('meta/episode_ends/.zarray').dtype, '<i8')
  t.deepEqual(
    [...new BigInt64Array(Uint8Array.from(readFileSync(join(path, 'meta/episode_ends/0'))).buffer)],
    [3n, 5n],
  )
  t.is(json('meta/success/.zarray').dtype, '|b1')
})

test('the same data make the same zip', async (t) => {
  const folder = scratch()
  await writeReplayBuffer(join(folder, 'a.zip'), tiny())
  await writeReplayBuffer(join(folder, 'b.zip'), tiny())
  t.deepEqual(readFileSync(join(folder, 'a.zip')), readFileSync(join(folder, 'b.zip')))
})

test('nothing is overwritten unasked', async (t) => {
  const path = join(scratch(), 'a.zarr')
  await writeReplayBuffer(path, tiny())
  const error = await t.throwsAsync(writeReplayBuffer(path, tiny()), { instanceOf: InputError })
  t.is(error.message, `${path} exists already; remove it or choose another path.`)
  await writeReplayBuffer(path, { ...tiny(), attributes: { seed: 8 } }, { overwrite: true })
  t.deepEqual((await readReplayBuffer(path)).attributes, { seed: 8 })
})

test('a place that cannot be written leaves nothing', async (t) => {
  const folder = scratch()
  writeFileSync(join(folder, 'file'), '')
  const path = join(folder, 'file', 'a.zarr')
  const error = await t.throwsAsync(writeReplayBuffer(path, tiny()), { instanceOf: FailureError })
  t.true(error.message.startsWith(`Cannot write ${path}: something else is in the way`))
})

/** Metadata of an array without elements. */
const emptyArray = {
  zarr_format: 2,
  shape: [0],
  chunks: [1],
  dtype: '<i8',
  compressor: null,
  filters: null,
  fill_value: 0,
  order: 'C',
}

test('says what is wrong with a file that is no replay buffer', async (t) => {
  const folder = scratch()
  const fails = async (path: string) =>
    (await t.throwsAsync(readReplayBuffer(path), { instanceOf: InputError })).message
  t.is(
    await fails(join(folder, 'none')),
    `There is no replay buffer at ${join(folder, 'none')}; check the path.`,
  )
  t.regex(await fails(folder), /is not a zarr group: it has no \.zgroup/)
  const whole = readFileSync(fixturePath('replay_buffer/pusht_like.zarr.zip'))
  const cut = join(folder, 'cut.zip')
  writeFileSync(cut, whole.subarray(0, whole.length - 500))
  t.is(await fails(cut), `${cut} is not a complete zip file; copy or download it again.`)
  const three = join(folder, 'three.zarr')
  mkdirSync(three)
  writeFileSync(join(three, 'zarr.json'), '{}')
  t.is(await fails(three), `${three} is zarr version 3; save it as version 2 (zarr_format=2).`)
  const empty = join(folder, 'empty.zarr')
  mkdirSync(empty)
  writeFileSync(join(empty, '.zgroup'), '{"zarr_format": 2}')
  t.is(await fails(empty), `${empty} has no arrays under data/; give a replay buffer.`)
  for (const name of ['data/observation', 'meta/episode_ends']) {
    const array = join(empty, name)
    mkdirSync(array, { recursive: true })
    writeFileSync(join(array, '.zarray'), JSON.stringify(emptyArray))
  }
  t.is(await fails(empty), `${empty} has no episodes; collect demonstrations first.`)
})
