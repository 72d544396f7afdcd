import test from 'ava'
import { float32, onnxEngine } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'

const MEGABYTE = 1 << 20

test('runs leave no copies of their outputs and state behind', async (t) => {
  const spec = float32(MEGABYTE)
  const step = await onnxEngine({ threads: 1 }).compileStep(
    'large',
    (state, inputs) => {
      const w = tf.add(state.w as tf.Tensor, inputs.x as tf.Tensor)
      return { state: { w }, outputs: { y: tf.neg(w) } }
    },
    { state: { w: spec }, inputs: { x: spec } },
  )
  const x = { ...spec, values: new Float32Array(MEGABYTE).fill(1) }
  await step.run({ x })
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 20; i++) await step.run({ x })
  // Each run writes 8 MB; a copy of them would stay until garbage is collected.
  t.true(process.memoryUsage().arrayBuffers - before < 8 * MEGABYTE)
  const { w } = await step.read()
  t.is((w as typeof x).values[5], 21)
  await step.dispose()
})
