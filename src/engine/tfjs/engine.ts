import { FailureError } from '../../errors.ts'
import { CompileCache } from '../cache.ts'
import type { Compiled, CompiledStep, Engine, StepFunction, TensorFunction } from '../engine.ts'
import { copyTree, InputReader, zeros } from '../host.ts'
import { stepLayout, treeFunction } from '../step-layout.ts'
import type { HostTensor, TensorSpec, Tree } from '../tensor.ts'
import { tf } from '../tf.ts'
import { isTensor } from '../trace/trace.ts'
import { leaves, unflatten } from '../tree.ts'
import { download, onBackend, signatureOf, upload } from './eager.ts'
import { loadTensorFlow } from './tensorflow.ts'

export interface TfjsEngineOptions {
  /** `cpu` is tfjs in plain JavaScript, the reference; `tensorflow` needs `@tensorflow/tfjs-node(-gpu)`. */
  readonly device?: 'cpu' | 'tensorflow'
}

/**
 * The engine that runs functions as they are on a tfjs backend, without compiling.
 *
 * @throws InputError where the device is `tensorflow` and its package is absent or does not work here
 */
export async function tfjsEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const device = options.device ?? 'cpu'
  if (device === 'tensorflow') await loadTensorFlow()
  const functions = new CompileCache<Compiled>()
  const steps = new CompileCache<CompiledStep>()
  return {
    name: 'tfjs',
    device,
    compile: (name, fn, signature) =>
      functions.get(fn, signature, async (forget) => eagerFunction(name, fn, signature, device, forget)),
    compileStep: (name, fn, signature) =>
      steps.get(fn, signature, async (forget) => eagerStep(name, fn, signature, device, forget)),
  }
}

function eagerFunction(
  name: string,
  fn: TensorFunction,
  signature: Tree<TensorSpec>,
  device: string,
  forget: () => void,
): Compiled {
  const { inputs, outputs } = signatureOf(name, fn, signature, device)
  const reader = new InputReader(name, inputs)
  const buffers = outputs.map(({ value }) => zeros(value))
  const results = unflatten<HostTensor>(outputs.map(({ keys }, i) => ({ keys, value: buffers[i] })))
  let open = true
  return {
    outputs: unflatten(outputs),
    async run(tree) {
      if (!open) throw disposed(name)
      const given = reader.read(tree)
      onBackend(device, () => {
        tf.tidy(() => {
          const tensors = unflatten(inputs.map(({ keys }, i) => ({ keys, value: upload(given[i]) })))
          const returned = leaves(fn(tensors), isTensor, `The result of "${name}"`)
          for (const [i, { value }] of returned.entries()) download(value, buffers[i])
        })
      })
      return results
    },
    async dispose() {
      forget()
      open = false
    },
  }
}

function eagerStep(
  name: string,
  fn: StepFunction,
  signature: { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> },
  device: string,
  forget: () => void,
): CompiledStep {
  const whole = treeFunction(fn)
  const found = signatureOf(name, whole, signature, device)
  const layout = stepLayout(name, found.inputs, found.outputs)
  const inputReader = new InputReader(name, layout.inputs)
  const stateReader = new InputReader(name, layout.state)
  const buffers = layout.outputs.map(({ value }) => zeros(value))
  const results = unflatten<HostTensor>(layout.outputs.map(({ keys }, i) => ({ keys, value: buffers[i] })))
  let state: tf.Tensor[] | undefined = kept(device, () =>
    layout.state.map(({ value }) => upload(zeros(value))),
  )
  const replace = (next: tf.Tensor[] | undefined) => {
    for (const tensor of state ?? []) tensor.dispose()
    state = next
  }
  const read = async () => {
    if (state === undefined) throw disposed(name)
    const copies = layout.state.map(({ value }) => zeros(value))
    for (const [i, tensor] of state.entries()) download(tensor, copies[i])
    return copyTree(layout.state, copies)
  }
  return {
    outputs: unflatten(layout.outputs),
    async run(tree) {
      if (state === undefined) throw disposed(name)
      const now = state
      const given = inputReader.read(tree)
      const next = kept(device, () => {
        const inputs = unflatten(layout.inputs.map(({ keys }, i) => ({ keys, value: upload(given[i]) })))
        const before = unflatten(layout.state.map(({ keys }, i) => ({ keys, value: now[i] })))
        const returned = leaves(whole({ state: before, inputs }), isTensor, `The result of "${name}"`)
        for (const [i, position] of layout.results.entries()) download(returned[position].value, buffers[i])
        // Clones, because a step may return a tensor of its old state, which is about to be disposed of.
        return layout.nextState.map((position) => returned[position].value.clone())
      })
      replace(next)
      return results
    },
    read,
    view: read,
    async write(tree) {
      if (state === undefined) throw disposed(name)
      const given = stateReader.read(tree)
      replace(kept(device, () => given.map(upload)))
    },
    async dispose() {
      forget()
      replace(undefined)
    },
  }
}

/** Tensors that outlive what else `f` makes. */
function kept(device: string, f: () => tf.Tensor[]): tf.Tensor[] {
  return onBackend(device, () => tf.tidy(() => f().map((tensor) => tf.keep(tensor))))
}

function disposed(name: string): FailureError {
  return new FailureError(`"${name}" was disposed of; compile it again before running it.`)
}
