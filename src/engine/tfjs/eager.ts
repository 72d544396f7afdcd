import { UnsupportedKernelError } from '../../errors.ts'
import type { TensorFunction } from '../engine.ts'
import { zeros } from '../host.ts'
import type { HostTensor, TensorSpec, Tree } from '../tensor.ts'
import { tf } from '../tf.ts'
import { isTensor, isTensorSpec, specOf, trace } from '../trace/trace.ts'
import type { Leaf } from '../tree.ts'
import { leaves, unflatten } from '../tree.ts'

/** Runs `f` on a tfjs backend and makes the earlier one active again. */
export function onBackend<T>(backend: string, f: () => T): T {
  tf.backend()
  const previous = tf.getBackend()
  if (previous === backend) return f()
  // Synchronous for the backends used here; the promise is only tfjs's form.
  void tf.setBackend(backend)
  try {
    return f()
  } finally {
    void tf.setBackend(previous)
  }
}

/** A tensor of the active backend. The values are copied. */
export function upload({ values, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(values.slice(), [...shape], dtype)
}

/** Copies a tensor's elements to a host array of the same size. */
export function download(tensor: tf.Tensor, target: HostTensor): void {
  target.values.set(tensor.dataSync())
}

/** The inputs and outputs of a function: traced where possible, else by running it on zeros. */
export function signatureOf(
  name: string,
  fn: TensorFunction,
  signature: Tree<TensorSpec>,
  backend: string,
): { inputs: readonly Leaf<TensorSpec>[]; outputs: readonly Leaf<TensorSpec>[] } {
  try {
    return trace(name, fn, signature)
  } catch (error) {
    if (!(error instanceof UnsupportedKernelError)) throw error
  }
  const inputs = leaves(signature, isTensorSpec, `The signature of "${name}"`)
  let outputs: Leaf<TensorSpec>[] = []
  onBackend(backend, () => {
    tf.tidy(() => {
      const given = unflatten(inputs.map(({ keys, value }) => ({ keys, value: upload(zeros(value)) })))
      outputs = leaves(fn(given), isTensor, `The result of "${name}"`).map((leaf) => ({
        ...leaf,
        value: specOf(name, leaf),
      }))
    })
  })
  return { inputs, outputs }
}
