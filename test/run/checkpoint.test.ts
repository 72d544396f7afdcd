import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { InputError } from '../../src/errors.ts'
import {
  checkpointPath,
  checkpointSteps,
  isSound,
  latestCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../src/run/checkpoint.ts'
import { scratch } from '../scratch.ts'
import { kill, startProcess } from './process.ts'

const content = (step: number) => ({
  step,
  tensors: {
    model: {
      'a.weight': { shape: [2, 3], dtype: 'float32' as const, values: Float32Array.of(1, 2, 3, 4, 5, step) },
      'a.bias': { shape: [2], dtype: 'float32' as const, values: Float32Array.of(-0, Number.MIN_VALUE) },
    },
    optimizer: { count: { shape: [1], dtype: 'int32' as const, values: Int32Array.of(step) } },
  },
  metrics: { success: 0.5 },
  state: { epoch: 3, rng: { key: [1, 2, 3, 4], position: 77 } },
  versions: { immiscible: '0.1.0' },
})

test('reads back what was written', async (t) => {
  const folder = scratch()
  const path = await writeCheckpoint(folder, content(1000))
  t.is(path, join(folder, 'step-00001000'))
  t.deepEqual(readdirSync(path).sort(), ['manifest.json', 'model.safetensors', 'optimizer.safetensors'])
  const { manifest, tensors } = await readCheckpoint(path)
  t.deepEqual(tensors, content(1000).tensors)
  const { step, metrics, state, versions } = content(1000)
  t.like(manifest, { step, metrics, state, versions, format: 1 })
  t.deepEqual(Object.keys((await readCheckpoint(path, ['optimizer'])).tensors), ['optimizer'])
})

test('the same content makes the same bytes', async (t) => {
  const paths = await Promise.all([scratch(), scratch()].map((folder) => writeCheckpoint(folder, content(5))))
  for (const file of readdirSync(paths[0])) {
    t.deepEqual(readFileSync(join(paths[0], file)), readFileSync(join(paths[1], file)), file)
  }
})

test('the newest sound checkpoint is used and the damaged ones are named', async (t) => {
  const folder = scratch()
  for (const step of [1, 2, 3, 4, 5]) await writeCheckpoint(folder, content(step))
  const at = (step: number, file: string) => join(checkpointPath(folder, step), file)
  const bytes = readFileSync(at(5, 'model.safetensors'))
  bytes[bytes.length - 1] ^= 1
  writeFileSync(at(5, 'model.safetensors'), bytes)
  truncateSync(at(4, 'optimizer.safetensors'), 10)
  writeFileSync(at(3, 'manifest.json'), readFileSync(at(3, 'manifest.json'), 'utf8').replace('0.5', '0.9'))
  rmSync(at(2, 'model.safetensors'))
  // A writer killed at work leaves a folder that is no checkpoint.
  mkdirSync(join(folder, '.step-00000006.partial-1-1'))

  const { checkpoint, skipped } = await latestCheckpoint(folder)
  t.is(checkpoint?.manifest.step, 1)
  const size = readFileSync(at(1, 'optimizer.safetensors')).length
  const reason = (step: number, what: string) =>
    `The checkpoint ${checkpointPath(folder, step)} is damaged: ${what}; use an earlier one.`
  t.deepEqual(
    skipped.map(({ reason }) => reason),
    [
      reason(5, 'model.safetensors was altered'),
      reason(4, `optimizer.safetensors has 10 bytes instead of ${size}`),
      reason(3, 'its manifest.json was altered'),
      reason(2, 'model.safetensors is missing'),
    ],
  )
  t.is(skipped[0].path, checkpointPath(folder, 5))
})

test('a folder without checkpoints has none', async (t) => {
  t.deepEqual(await latestCheckpoint(join(scratch(), 'none')), { skipped: [] })
})

test('one flipped bit or one lost byte anywhere is noticed', async (t) => {
  const folder = scratch()
  const path = await writeCheckpoint(folder, content(1))
  const files = readdirSync(path).map((name) => ({
    name: join(path, name),
    bytes: readFileSync(join(path, name)),
  }))
  const damage = fc.record({
    file: fc.nat(files.length - 1),
    place: fc.nat(),
    bit: fc.nat(7),
    cut: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, place, bit, cut }) => {
      const { name, bytes } = files[file]
      const changed = Buffer.from(bytes)
      const at = place % bytes.length
      changed[at] ^= 1 << bit
      writeFileSync(name, cut ? bytes.subarray(0, at) : changed)
      // The manifest may end in blanks of any kind; else every byte counts.
      const same = name.endsWith('.json') && sameJson(cut ? bytes.subarray(0, at) : changed, bytes)
      t.is(await isSound(path), same)
      if (!same) await t.throwsAsync(readCheckpoint(path), { instanceOf: InputError, message: /is damaged/ })
      writeFileSync(name, bytes)
    }),
    { numRuns: 80 },
  )
  t.true(await isSound(path))
})

test('a damaged checkpoint of the same step is replaced and a sound one kept', async (t) => {
  const folder = scratch()
  const path = await writeCheckpoint(folder, content(1))
  await writeCheckpoint(folder, { ...content(1), metrics: { success: 1 } })
  t.is((await readCheckpoint(path)).manifest.metrics.success, 0.5)
  truncateSync(join(path, 'model.safetensors'), 3)
  await writeCheckpoint(folder, content(1))
  t.true(await isSound(path))
  t.deepEqual(readdirSync(folder), ['step-00000001'])
})

test('a process killed at any moment leaves only whole checkpoints', async (t) => {
  for (const delay of [0, 3, 11]) {
    const folder = scratch()
    const child = await startProcess(`
      import { writeCheckpoint } from './src/run/checkpoint.js'
      const values = new Float32Array(200_000).fill(1)
      for (let step = 1; ; step++) {
        const tensors = { model: { w: { shape: [values.length], dtype: 'float32', values } } }
        await writeCheckpoint(${JSON.stringify(folder)}, { step, tensors })
        console.log(step)
      }`)
    await new Promise((resolve) => setTimeout(resolve, delay))
    await kill(child)
    const { checkpoint, skipped } = await latestCheckpoint(folder)
    t.deepEqual(skipped, [])
    t.is(checkpoint?.manifest.step, (await checkpointSteps(folder)).at(-1))
    t.true(checkpoint!.manifest.step >= 1)
  }
})

function sameJson(a: Uint8Array, b: Uint8Array): boolean {
  try {
    return JSON.stringify(JSON.parse(a.toString())) === JSON.stringify(JSON.parse(b.toString()))
  } catch {
    return false
  }
}
