/** A program of its own: runs a small model on the device named by its argument; exits with 1 and says why if it cannot. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { binary } from '../graph/emit.ts'
import { inputValue } from '../graph/value.ts'
import { encodeOnnx } from './encode.ts'

try {
  const device = process.argv[2]
  const x = inputValue('x', { shape: [4], dtype: 'float32' })
  const { bytes } = encodeOnnx({
    name: 'probe',
    inputs: [x],
    outputs: [{ name: 'y', value: binary('Add', x, x) }],
  })
  const session = await InferenceSession.create(bytes, {
    executionProviders: [device],
    logSeverityLevel: 4,
  })
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [4]) })
  const values = (await y.getData()) as Float32Array
  if (values[3] !== 8) throw new Error('it computes wrong results')
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  // The runtime puts the place in its source and the failed condition before what a reader can use.
  process.stdout.write(message.split('\n')[0].replace(/^.* was false\. /, ''))
  process.exitCode = 1
}
