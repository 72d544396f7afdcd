import { InputError, UnsupportedKernelError } from '../../errors.ts'
import type { Graph, Value } from '../graph/value.ts'
import { inputValue, orderedNodes } from '../graph/value.ts'
import type { TensorSpec, Tree } from '../tensor.ts'
import { tf } from '../tf.ts'
import type { Leaf } from '../tree.ts'
import { leaves, unflatten } from '../tree.ts'
import { TRACE_BACKEND, TraceBackend } from './backend.ts'
import { kernelFile } from './kernel-file.ts'
import { KERNEL_FILES } from './kernels/index.ts'

/** A traced function: its graph, and where each input and output belongs in the trees. */
export interface Traced {
  readonly graph: Graph
  readonly inputs: readonly Leaf<TensorSpec>[]
  readonly outputs: readonly Leaf<TensorSpec>[]
}

/**
 * Runs a function once on symbolic tensors and returns the graph of what it computes. Gradients taken
 * inside (`tf.grad`, `tf.customGrad`, …) become part of the graph.
 *
 * @param name of the function, for messages and as the graph's name
 * @param signature shapes and types of the inputs; graph inputs are named by their path, joined with `/`
 * @throws UnsupportedKernelError naming a tfjs kernel that has no translation, and where to add one
 * @throws InputError where the function reads data, creates variables, or returns something else than tensors
 */
export function trace(
  name: string,
  fn: (inputs: Tree<tf.Tensor>) => Tree<tf.Tensor>,
  signature: Tree<TensorSpec>,
): Traced {
  const inputs = leaves(signature, isTensorSpec, `The signature of "${name}"`)
  const values = inputs.map((leaf) => inputValue(leaf.path, leaf.value))
  return onTraceBackend(name, (backend) => {
    const engine = tf.engine()
    let outputs: { leaf: Leaf<TensorSpec>; value: Value }[] = []
    tf.tidy(() => {
      const tensors = inputs.map((leaf, i) => ({
        keys: leaf.keys,
        value: engine.makeTensorFromTensorInfo(backend.tensorInfo(values[i]), backend),
      }))
      const result = fn(unflatten(tensors))
      // Read here: the tidy disposes of every tensor, so that tracing leaves nothing behind.
      outputs = leaves(result, isTensor, `The result of "${name}"`).map((leaf) => ({
        leaf: { ...leaf, value: specOf(name, leaf) },
        value: backend.graphValue(leaf.value),
      }))
    })
    const graph: Graph = {
      name,
      inputs: values,
      outputs: outputs.map(({ leaf, value }) => ({ name: leaf.path, value })),
    }
    checkInputs(graph)
    return { graph, inputs, outputs: outputs.map(({ leaf }) => leaf) }
  })
}

/** Tells the leaves of a signature. */
export function isTensorSpec(node: unknown): node is TensorSpec {
  return (
    typeof node === 'object' &&
    node !== null &&
    'shape' in node &&
    Array.isArray(node.shape) &&
    'dtype' in node &&
    typeof node.dtype === 'string'
  )
}

/** Tells the leaves of a function's result. */
export function isTensor(node: unknown): node is tf.Tensor {
  return node instanceof tf.Tensor
}

/** Shape and type of an output. */
export function specOf(name: string, leaf: Leaf<tf.Tensor>): TensorSpec {
  const { shape, dtype } = leaf.value
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new InputError(
      `"${name}" returns "${leaf.path}" of type ${dtype}; return float32, int32 or bool, for example with tf.cast.`,
    )
  }
  return { shape: [...shape], dtype }
}

/** Runs `f` with the tracing backend active, and leaves tfjs as it was found, whether `f` returns or throws. */
function onTraceBackend<T>(name: string, f: (backend: TraceBackend) => T): T {
  registerOnce()
  const engine = tf.engine()
  // The getter starts the default backend where none is active yet.
  tf.backend()
  const previous = tf.getBackend()
  if (previous === TRACE_BACKEND) {
    throw new InputError(`"${name}" is being compiled inside another compiled function; compile it before.`)
  }
  const tape = engine.state.activeTape
  const variables = new Set(Object.keys(engine.registeredVariables))
  // Synchronous, as the backend's factory is; the promise is only tfjs's form.
  void tf.setBackend(TRACE_BACKEND)
  try {
    const result = f(tf.backend() as TraceBackend)
    dropVariables(name, variables)
    return result
  } catch (error) {
    throw explained(name, error)
  } finally {
    if (engine.state.activeTape !== tape) {
      for (const node of engine.state.activeTape ?? []) for (const saved of node.saved ?? []) saved.dispose()
      engine.state.activeTape = tape
    }
    void tf.setBackend(previous)
  }
}

function registerOnce(): void {
  if (tf.findBackendFactory(TRACE_BACKEND) !== null) return
  // The lowest priority: never the default backend.
  tf.registerBackend(TRACE_BACKEND, () => new TraceBackend(), -1000)
  for (const lowerings of Object.values(KERNEL_FILES)) {
    for (const [kernelName, lowering] of Object.entries(lowerings)) {
      tf.registerKernel({
        kernelName,
        backendName: TRACE_BACKEND,
        kernelFunc: ({ inputs, attrs, backend }) => {
          const trace = backend as TraceBackend
          const values: Record<string, Value> = {}
          for (const [key, tensor] of Object.entries(inputs)) {
            if (tensor !== undefined && tensor !== null) values[key] = trace.graphValue(tensor)
          }
          const result = lowering({ inputs: values, attributes: (attrs ?? {}) as never })
          return Array.isArray(result)
            ? result.map((value) => trace.tensorInfo(value))
            : trace.tensorInfo(result)
        },
      })
    }
  }
}

function dropVariables(name: string, before: ReadonlySet<string>): void {
  const created = Object.entries(tf.engine().registeredVariables).filter(([key]) => !before.has(key))
  for (const [, variable] of created) variable.dispose()
  if (created.length > 0) {
    throw new InputError(
      `"${name}" creates the variable "${created[0][0]}"; pass state in as an input and return it as an output.`,
    )
  }
}

/** A value that belongs to another traced function cannot be computed here. */
function checkInputs(graph: Graph): void {
  const own = new Set(graph.inputs)
  const check = (value: Value | null) => {
    if (value?.source.kind === 'input' && !own.has(value)) {
      throw new InputError(
        `"${graph.name}" uses "${value.source.name}", a tensor of another compiled function; pass it in as an input.`,
      )
    }
  }
  for (const { value } of graph.outputs) check(value)
  for (const node of orderedNodes(graph.outputs.map(({ value }) => value))) node.inputs.forEach(check)
}

/** tfjs reports a missing kernel as a plain error; this one says what to do about it. */
function explained(name: string, error: unknown): unknown {
  const message = error instanceof Error ? error.message : ''
  const kernel = /Kernel '(\w+)' not registered for backend 'trace'/.exec(message)?.[1]
  if (kernel === undefined) return error
  return new UnsupportedKernelError(
    `The tfjs kernel ${kernel}, used by "${name}", has no ONNX translation; add one to ` +
      `src/engine/trace/kernels/${kernelFile(kernel)}, or use other operations.`,
  )
}
