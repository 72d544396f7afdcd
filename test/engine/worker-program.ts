/** Multiplies in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { float32, onnxEngine } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'

const compiled = await onnxEngine({ threads: 1 }).compile(
  'scale',
  ({ x }) => ({ y: tf.mul(x as tf.Tensor, workerData) }),
  { x: float32(2) },
)
const { y } = await compiled.run({ x: { ...float32(2), values: Float32Array.of(1, 2) } })
parentPort?.postMessage([...(y.values as Float32Array)])
await compiled.dispose()
