import { InputError } from '../../errors.ts'
import { tf } from '../tf.ts'

/** The packages that bring TensorFlow's own library, best first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']

/** tfjs-node 4.22 calls functions that Node took away in this version. */
const FIRST_BROKEN_NODE = 23

/**
 * Registers the tfjs backend `tensorflow`.
 *
 * @throws InputError saying what to install or build, or that this version of Node cannot run it
 */
export async function loadTensorFlow(): Promise<void> {
  if (tf.findBackendFactory('tensorflow') !== null) return
  const failures: Failure[] = []
  for (const name of PACKAGES) {
    try {
      // Which backend is active stays as it was: loading one makes it the default.
      tf.backend()
      const before = tf.getBackend()
      // A variable, so that the type checker does not look for an optional package.
      await import(name)
      await tf.setBackend(before)
      if (tf.findBackendFactory('tensorflow') !== null) return
      failures.push({ name, error: 'it registered no backend' })
    } catch (error) {
      failures.push({ name, error })
    }
  }
  const node = Number(process.versions.node.split('.')[0])
  if (node >= FIRST_BROKEN_NODE) {
    throw new InputError(
      `The device tensorflow does not work on Node ${process.versions.node}, because tfjs-node 4.22 needs Node 22 or older; use Node 22 or the onnx engine.`,
    )
  }
  throw new InputError(absence(failures))
}

/** A package that did not bring the backend, and what importing it threw. */
export interface Failure {
  readonly name: string
  readonly error: unknown
}

/** Says why the device is absent and what to do: one that is there but does not load needs no installing. */
export function absence(failures: readonly Failure[]): string {
  const broken = failures.filter((failure) => !isAbsent(failure)).map(({ name }) => name)
  const reasons = failures.map((failure) => `${failure.name} ${reasonOf(failure)}`).join('; ')
  const others = PACKAGES.slice(1).filter((name) => !broken.includes(name))
  const remedy =
    broken.length === 0
      ? `install it with \`npm install ${PACKAGES[0]}\``
      : `build its library with \`npm rebuild ${broken[0]} --build-addon-from-source\`${others.map((name) => `, use \`${name}\``).join('')}`
  return `The device tensorflow is absent (${reasons}); ${remedy}, or use the onnx engine.`
}

/** Whether the package itself is missing, rather than something that it loads. */
function isAbsent({ name, error }: Failure): boolean {
  if (!(error instanceof Error)) return false
  const { code, message } = error as NodeJS.ErrnoException
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    new RegExp(`^Cannot find (package|module) '${name}'`).test(message)
  )
}

function reasonOf(failure: Failure): string {
  if (isAbsent(failure)) return 'is not installed'
  const { error } = failure
  const message = error instanceof Error ? error.message : String(error)
  return `does not load: "${message.split('\n')[0].trim()}"`
}
