import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import * as ort from 'onnxruntime-node'
import { writeDurably } from '../../src/atomic.ts'
import { exportOnnx, float32 } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { parameterized } from '../../src/models/parameterized.ts'
import { constant } from '../../src/nn/initializers.ts'
import { ParameterScope } from '../../src/nn/parameter-scope.ts'
import { openWeights } from '../../src/weights/source.ts'
import { scratch } from '../scratch.ts'

const MIB = 2 ** 20
/** One tensor, and how many there are: 2.4 GiB in all. */
const [ROWS, COLUMNS, COUNT] = [8 * 1024, 8 * 1024, 10]
const BYTES = 4 * ROWS * COLUMNS

const folder = scratch()

const names = Array.from({ length: COUNT }, (_, i) => `layers.${i}.weight`)

/** A file of tensors that takes no room on the disk but for the last number of each, which is its number. */
function sparse(path: string, numbers: readonly number[]): void {
  const entries = numbers.map((n, i) => [
    names[n],
    { dtype: 'F32', shape: [ROWS, COLUMNS], data_offsets: [i * BYTES, (i + 1) * BYTES] },
  ])
  const text = JSON.stringify(Object.fromEntries(entries))
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = openSync(path, 'w')
  writeSync(file, Buffer.concat([length, header]))
  const start = 8 + header.length
  ftruncateSync(file, start + numbers.length * BYTES)
  for (const [i, n] of numbers.entries()) {
    writeSync(file, Buffer.from(Float32Array.of(n + 1).buffer), 0, 4, start + (i + 1) * BYTES - 4)
  }
  closeSync(file)
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Memory of this process in MiB. */
function held(key: 'VmRSS' | 'VmHWM'): number {
  return Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${key}:\\s+(\\d+)`))?.[1]) / 1024
}

const before = existsSync('/proc/self/status') ? held('VmRSS') : 0

const scope = new ParameterScope()
for (const name of names) scope.define(name, { stateShape: [ROWS, COLUMNS], initial: constant(0) })
const part = parameterized({ name: 'large', scope })

for (const [kind, write] of [
  [
    'one file',
    (place: string) =>
      sparse(
        join(place, 'model.safetensors'),
        names.map((_, i) => i),
      ),
  ],
  [
    'shards',
    (place: string) => {
      const shards = ['model-1.safetensors', 'model-2.safetensors']
      sparse(join(place, shards[0]), [0, 1, 2])
      sparse(join(place, shards[1]), [3, 4, 5, 6, 7, 8, 9])
      const map = Object.fromEntries(names.map((name, i) => [name, shards[i < 3 ? 0 : 1]]))
      writeFileSync(join(place, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
    },
  ],
] as const) {
  // Memory is read where Linux tells it.
  const measured = existsSync('/proc/self/clear_refs') ? test.serial : test.serial.skip
  measured(`weights of more than 2 GiB in ${kind} are in memory once`, async (t) => {
    t.timeout(600_000)
    const place = mkdtempSync(join(folder, 'part-'))
    write(place)
    const source = await openWeights(place, ['model'])
    // What an earlier test held is given back a moment after it is collected; then the highest mark begins anew.
    collectGarbage()
    for (let i = 0; i < 50 && held('VmRSS') > before + BYTES / MIB; i++) await setTimeout(100)
    writeFileSync('/proc/self/clear_refs', '5')
    const weights = await part.load(source)
    const peak = held('VmHWM') - before
    await source.close()
    for (const [i, name] of names.entries()) t.is(weights[name].values.at(-1), i + 1)
    const total = (COUNT * BYTES) / MIB
    t.log(`${total} MiB of weights, ${peak.toFixed(0)} MiB more at most`)
    t.true(total > 2048)
    t.true(peak > 0.9 * total && peak < total + 2.5 * (BYTES / MIB), `${peak} MiB for ${total} MiB`)
  })
}

test.serial('a model of more than 2 GiB is exported with its weights beside it, and runs', async (t) => {
  t.timeout(600_000)
  const width = ROWS
  // Each matrix moves its input by one place and doubles it.
  const shift = (n: number) => {
    const values = new Float32Array(width * width)
    for (let i = 0; i < width; i++) values[i * width + ((i + 1) % width)] = 1 + n / 8
    return values
  }
  const matrices = Array.from({ length: 9 }, (_, n) => shift(n))
  const { model, weights } = exportOnnx(
    'large',
    ({ x }) => ({
      y: matrices.reduce<tf.Tensor>(
        (sum, values) => tf.matMul(sum, tf.tensor2d(values, [width, width])),
        x as tf.Tensor,
      ),
    }),
    { x: float32(1, width) },
    'weights.pb',
  )
  const size = weights!.pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  t.true(size > 2 ** 31, `${size} bytes`)
  await writeDurably(join(folder, 'weights.pb'), weights!.pieces)
  writeFileSync(join(folder, 'model.onnx'), model)
  const session = await ort.InferenceSession.create(join(folder, 'model.onnx'), { logSeverityLevel: 3 })
  const x = Float32Array.from({ length: width }, (_, i) => i % 5)
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [1, width]) })
  const factor = matrices.reduce((product, _, n) => product * (1 + n / 8), 1)
  for (const i of [0, 9, 4000, width - 1]) {
    const expected = factor * x[(i - 9 + width) % width]
    t.true(
      Math.abs((y.data[i] as number) - expected) <= 1e-5 * Math.abs(expected),
      `${i}: ${y.data[i]}, not ${expected}`,
    )
  }
  await session.release()
})
