import { InputError } from '../../errors.ts'
import { tf } from '../tf.ts'

/** The packages that bring TensorFlow's own library, best first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']

/** tfjs-node 4.22 calls functions that Node took away in this version. */
const FIRST_BROKEN_NODE = 23

/**
 * Registers the tfjs backend `tensorflow`.
 *
 * @throws InputError saying what to install, or that this version of Node cannot run it
 */
export async function loadTensorFlow(): Promise<void> {
  if (tf.findBackendFactory('tensorflow') !== null) return
  const reasons: string[] = []
  for (const name of PACKAGES) {
    try {
      // Which backend is active stays as it was: loading one makes it the default.
      tf.backend()
      const before = tf.getBackend()
      // A variable, so that the type checker does not look for an optional package.
      await import(name)
      await tf.setBackend(before)
      if (tf.findBackendFactory('tensorflow') !== null) return
      reasons.push(`${name} registered no backend`)
    } catch (error) {
      reasons.push(`${name} ${reasonOf(error)}`)
    }
  }
  const node = Number(process.versions.node.split('.')[0])
  if (node >= FIRST_BROKEN_NODE) {
    throw new InputError(
      `The device tensorflow does not work on Node ${process.versions.node}, because tfjs-node 4.22 needs Node 22 or older; use Node 22 or the onnx engine.`,
    )
  }
  throw new InputError(
    `The device tensorflow is absent (${reasons.join('; ')}); install it with \`npm install ${PACKAGES[0]}\`, or use the onnx engine.`,
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `failed with ${error}`
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return 'is not installed'
  return `failed with "${error.message.split('\n')[0]}"`
}
