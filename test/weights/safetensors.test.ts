import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { InputError } from '../../src/errors.ts'
import { openSafetensors, readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts'
import { fixturePath } from '../models/fixture.ts'
import { scratch } from '../scratch.ts'

let folder = ''
test.before(async () => {
  folder = scratch()
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

/** Writes a file by hand: any header, any data. */
async function craft(name: string, header: unknown, data: Uint8Array, length?: number): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(length ?? json.length))
  const path = join(folder, name)
  await writeFile(path, Buffer.concat([head, json, data]))
  return path
}

test('files of the peer are read, float16 exactly', async (t) => {
  const { tensors, metadata } = await readSafetensors(
    fixturePath('conditional_unet1d', 'film_scale.state.safetensors'),
  )
  t.is(metadata.format, 'pt')
  const weight = tensors['down_modules.0.0.blocks.0.block.0.weight']
  t.deepEqual(weight.shape, [16, 2, 5])
  t.is(weight.values.length, 160)
  const fixture = await readSafetensors(fixturePath('conditional_unet1d', 'film_scale.safetensors'))
  t.is(fixture.tensors['in.timestep'].dtype, 'int32')
  t.deepEqual(fixture.tensors.loss.shape, [])
})

test('every element type is read', async (t) => {
  const pieces: [string, string, Uint8Array, number[]][] = [
    ['f64', 'F64', bytes(new Float64Array([1.5, -2])), [1.5, -2]],
    ['f32', 'F32', bytes(new Float32Array([0.1, 3])), [Math.fround(0.1), 3]],
    ['f16', 'F16', bytes(new Uint16Array([0x3c00, 0x0001, 0xc500, 0x7c00])), [1, 2 ** -24, -5, Infinity]],
    ['bf16', 'BF16', bytes(new Uint16Array([0x3f80, 0xc0a0])), [1, -5]],
    ['i64', 'I64', bytes(new BigInt64Array([5n, -7n])), [5, -7]],
    ['i32', 'I32', bytes(new Int32Array([9, -1])), [9, -1]],
    ['u8', 'U8', Uint8Array.of(0, 255), [0, 255]],
    ['bool', 'BOOL', Uint8Array.of(1, 0), [1, 0]],
  ]
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, dtype, data, values] of pieces) {
    header[name] = { dtype, shape: [values.length], data_offsets: [offset, offset + data.length] }
    offset += data.length
  }
  const path = await craft('types.safetensors', header, Buffer.concat(pieces.map(([, , data]) => data)))
  const { tensors } = await readSafetensors(path)
  for (const [name, , , values] of pieces) t.deepEqual([...tensors[name].values], values, name)
  t.deepEqual([tensors.f16.dtype, tensors.i64.dtype, tensors.bool.dtype], ['float32', 'int32', 'bool'])
})

test('what is written is read back, whatever the tensors', async (t) => {
  const path = join(folder, 'any.safetensors')
  const tensor = fc.oneof(
    fc
      .float32Array({ maxLength: 9 })
      .map((values): HostTensor => ({ shape: [values.length], dtype: 'float32', values })),
    fc
      .int32Array({ minLength: 6, maxLength: 6 })
      .map((values): HostTensor => ({ shape: [2, 1, 3], dtype: 'int32', values })),
    fc
      .boolean()
      .map((value): HostTensor => ({ shape: [], dtype: 'bool', values: Uint8Array.of(Number(value)) })),
  )
  const name = fc.string().filter((key) => key !== '__metadata__' && key !== '__proto__')
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, tensor, { noNullPrototype: true }),
      fc.string(),
      async (tensors, note) => {
        await writeSafetensors(path, tensors, { note })
        const back = await readSafetensors(path)
        t.deepEqual(back.tensors, tensors)
        t.deepEqual(back.metadata, { note })
        const file = await readFile(path)
        t.is(Number(file.readBigUInt64LE()) % 8, 0)
      },
    ),
    { numRuns: 40 },
  )
})

test('one tensor is read without the others', async (t) => {
  const file = await openSafetensors(fixturePath('conditional_unet1d', 'film_bias.state.safetensors'))
  try {
    t.deepEqual((await file.read('final_conv.1.bias')).shape, [2])
    await t.throwsAsync(file.read('final_conv.1.bia'), {
      instanceOf: InputError,
      message: /no tensor "final_conv.1.bia"/,
    })
  } finally {
    await file.close()
  }
})

test('damaged files are refused by name', async (t) => {
  const entry = (begin: number, end: number, more = {}) => ({
    dtype: 'F32',
    shape: [2],
    data_offsets: [begin, end],
    ...more,
  })
  const data = new Uint8Array(16)
  const cases: [string, unknown, RegExp, number?][] = [
    ['truncated', { a: entry(0, 8), b: entry(16, 24) }, /truncated: tensor "b" ends at byte 24 of 16/],
    ['overlap', { a: entry(0, 8), b: entry(4, 12) }, /tensors "a" and "b" overlap/],
    ['size', { a: entry(0, 12) }, /tensor "a" has 12 bytes where its shape needs 8/],
    ['type', { a: entry(0, 8, { dtype: 'F4' }) }, /tensor "a" has the type "F4"/],
    ['shape', { a: entry(0, 8, { shape: [-2] }) }, /tensor "a" has the shape \[-2\]/],
    ['offsets', { a: entry(8, 0) }, /tensor "a" has the offsets \[8,0\]/],
    ['json', '{"a":', /header that is not JSON/],
    ['array', '[]', /not a JSON object/],
    ['entry', { a: 3 }, /tensor "a" is not described/],
    ['metadata', { __metadata__: { a: 1 } }, /"__metadata__" is not an object of strings/],
    ['length', {}, /truncated or no safetensors file/, 1e15],
  ]
  for (const [name, header, message, length] of cases) {
    const path = await craft(`${name}.safetensors`, header, data, length)
    const error = await t.throwsAsync(readSafetensors(path), { instanceOf: InputError, message })
    t.true(error?.message.includes(path), name)
  }
  const short = join(folder, 'short')
  await writeFile(short, 'abc')
  await t.throwsAsync(readSafetensors(short), { instanceOf: InputError, message: /shorter than/ })
  await t.throwsAsync(readSafetensors(join(folder, 'none')), { instanceOf: InputError, message: /ENOENT/ })
})

test('a tensor whose values do not fill its shape is not written', async (t) => {
  const wrong: HostTensor = { shape: [3], dtype: 'float32', values: new Float32Array(2) }
  await t.throwsAsync(writeSafetensors(join(folder, 'x'), { wrong }), {
    instanceOf: InputError,
    message: /"wrong"/,
  })
})

function bytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
