import { createHash } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readArray } from '../../../src/data/zarr/read-array.ts'
import { openStore } from '../../../src/data/zarr/store.ts'
import { InputError } from '../../../src/errors.ts'
import { scratch } from '../../scratch.ts'
import { fixtureJson, fixturePath, fixtureTensors } from '../fixture.ts'

const { codecs } = fixtureJson('replay_buffer/replay_buffer.json')
const tensors = fixtureTensors('replay_buffer/replay_buffer.safetensors')

for (const [name, expected] of Object.entries<{ shape: number[]; sha256_little_endian_c_order: string }>(
  codecs,
)) {
  test(`reads the variant ${name} exactly`, async (t) => {
    const store = await openStore(fixturePath('replay_buffer/codecs.zarr'))
    const { shape, values } = await readArray(store, `/${name}`)
    t.deepEqual(shape, expected.shape)
    if (`codec.${name}` in tensors) {
      t.deepEqual(Array.from(values as ArrayLike<number | bigint>, Number), tensors[`codec.${name}`].values)
    }
    if (name !== 'f2') {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      t.is(createHash('sha256').update(bytes).digest('hex'), expected.sha256_little_endian_c_order)
    }
  })
}

test('finds the arrays of a group', async (t) => {
  const store = await openStore(fixturePath('replay_buffer/pusht_like_deflated.zip'))
  t.deepEqual(await store.arrays('/data'), ['action', 'img', 'keypoint', 'state'])
  t.deepEqual(await store.arrays('/elsewhere'), [])
})

test('names an array that is absent, damaged or of a type that is not numeric', async (t) => {
  const folder = join(scratch(), 'a.zarr')
  cpSync(fixturePath('replay_buffer/codecs.zarr'), folder, { recursive: true })
  const store = await openStore(folder)
  const absent = await t.throwsAsync(readArray(store, '/nothing'), { instanceOf: InputError })
  t.is(absent.message, `There is no array nothing in ${folder}; check the path and the name.`)

  const chunk = join(folder, 'zstd', '1.0')
  writeFileSync(chunk, readFileSync(chunk).subarray(0, 40))
  const damaged = await t.throwsAsync(readArray(store, '/zstd'), { instanceOf: InputError })
  t.true(damaged.message.startsWith(`The array zstd in ${folder} cannot be read`))

  const plain = join(folder, 'raw', '0.0')
  const whole = readFileSync(plain)
  writeFileSync(plain, whole.subarray(0, 40))
  const cut = await t.throwsAsync(readArray(store, '/raw'), { instanceOf: InputError })
  t.true(cut.message.includes(`(chunk 0.0 has 40 of ${whole.length} bytes)`), cut.message)
  writeFileSync(plain, whole)

  const document = join(folder, 'raw', '.zarray')
  writeFileSync(document, readFileSync(document, 'utf8').replace('<f4', '<U1'))
  const text = await t.throwsAsync(readArray(store, '/raw'), { instanceOf: InputError })
  t.regex(text.message, /^The array raw in .* holds v2:U1; only numbers can be read\.$/)
})
