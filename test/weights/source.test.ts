import { mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { InputError } from '../../src/errors.ts'
import { readSafetensors, storeTensors, writeSafetensors } from '../../src/weights/safetensors.ts'
import { openWeights } from '../../src/weights/source.ts'
import { scratch } from '../scratch.ts'

const folder = scratch()
const tensor = (...values: number[]): HostTensor => ({
  shape: [values.length],
  dtype: 'float32',
  values: Float32Array.from(values),
})

async function sharded(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  await writeSafetensors(join(path, 'model-00001-of-00002.safetensors'), { a: tensor(1, 2), b: tensor(3) })
  await writeSafetensors(join(path, 'model-00002-of-00002.safetensors'), { c: tensor(4, 5, 6) })
  const weight_map = {
    a: 'model-00001-of-00002.safetensors',
    b: 'model-00001-of-00002.safetensors',
    c: 'model-00002-of-00002.safetensors',
  }
  await writeFile(join(path, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }))
  return path
}

test('shards are read as one', async (t) => {
  const source = await openWeights(await sharded('shards'), ['model'])
  t.deepEqual([...source.entries.keys()], ['a', 'b', 'c'])
  t.deepEqual(await source.read('c'), tensor(4, 5, 6))
  t.deepEqual(await source.read('a'), tensor(1, 2))
  await t.throwsAsync(async () => source.read('d'), { instanceOf: InputError, message: /no tensor "d"/ })
  await source.close()
})

test('a single file goes before a variant, and a variant serves where there is none', async (t) => {
  const path = join(folder, 'variants')
  await mkdir(path)
  await writeFile(
    join(path, 'model.fp16.safetensors'),
    Buffer.concat([
      ...storeTensors(
        [{ name: 'a', ...tensor(0.1, 70_000), values: () => tensor(0.1, 70_000).values }],
        {},
        'F16',
      ),
    ]),
  )
  const variant = await openWeights(path, ['other', 'model'])
  t.is(variant.entries.get('a')?.dtype, 'F16')
  t.deepEqual(await variant.read('a'), tensor(0.0999755859375, Infinity))
  await variant.close()
  await writeSafetensors(join(path, 'model.safetensors'), { a: tensor(9) })
  const single = await openWeights(path, ['model'])
  t.deepEqual(await single.read('a'), tensor(9))
  await single.close()
})

test('tensors are asked for one at a time when stored', async (t) => {
  const asked: string[] = []
  const tensors = ['x', 'y'].map((name) => ({
    name,
    ...tensor(1, 2),
    values: () => {
      asked.push(name)
      return tensor(1, 2).values
    },
  }))
  const pieces = storeTensors(tensors, { format: 'pt' })
  const head = pieces.next()
  t.deepEqual(asked, [])
  const path = join(folder, 'stored.safetensors')
  await writeFile(path, Buffer.concat([head.value as Uint8Array, ...pieces]))
  t.deepEqual(asked, ['x', 'y'])
  const { tensors: back, metadata } = await readSafetensors(path)
  t.deepEqual(back, { x: tensor(1, 2), y: tensor(1, 2) })
  t.deepEqual(metadata, { format: 'pt' })
})

test('what is missing or damaged is named', async (t) => {
  const refused = async (path: string, message: RegExp) =>
    t.throwsAsync(openWeights(path, ['model']), { instanceOf: InputError, message })
  await refused(join(folder, 'nowhere'), /nowhere has no weights; put model.safetensors there/)
  const pickled = join(folder, 'pickled')
  await mkdir(pickled)
  await writeFile(join(pickled, 'model.bin'), 'x')
  await refused(pickled, /pickled \(model\.bin\)/)

  const cut = await sharded('cut')
  await truncate(join(cut, 'model-00002-of-00002.safetensors'), 70)
  await refused(cut, /model-00002-of-00002\.safetensors is truncated/)
  const gone = await sharded('gone')
  await rm(join(gone, 'model-00001-of-00002.safetensors'))
  await refused(gone, /Cannot open the weights .*model-00001-of-00002\.safetensors \(ENOENT\)/)
  const lacking = await sharded('lacking')
  await writeSafetensors(join(lacking, 'model-00002-of-00002.safetensors'), { d: tensor(1) })
  await refused(lacking, /lacks the tensor "c"/)
  const index = join(lacking, 'model.safetensors.index.json')
  await writeFile(index, '{"weight_map": {"a": "../secret"}}')
  await refused(lacking, /no "weight_map"/)
  await writeFile(index, '{')
  await refused(lacking, /is not JSON/)
})
