import { onnxEngine, type TensorFunction } from '../../src/engine/index.ts'
import type { HostTensor, TensorSpec, Tree } from '../../src/engine/tensor.ts'
import { tf } from '../../src/engine/tf.ts'

/** Runs a function of tensors once, somewhere. */
export interface Runner {
  readonly name: string
  run(name: string, fn: TensorFunction, inputs: Tree<HostTensor>): Promise<Tree<HostTensor>>
}

/** tfjs' own CPU backend, run as it stands. */
export const eager: Runner = {
  name: 'eager',
  run: async (_, fn, inputs) => {
    await tf.setBackend('cpu')
    tf.engine().startScope()
    try {
      const outputs = fn(mapTree(inputs, toTensor))
      return mapTree(outputs, (tensor: tf.Tensor) => ({
        shape: tensor.shape,
        dtype: 'float32',
        values: tensor.dataSync<'float32'>().slice(),
      }))
    } finally {
      tf.engine().endScope()
    }
  },
}

const engine = onnxEngine({ device: 'cpu', threads: 1 })

/** Traced, and run by the ONNX runtime. */
export const onnx: Runner = {
  name: 'onnx',
  run: async (name, fn, inputs) => {
    const compiled = await engine.compile(name, fn, mapTree(inputs, specOf))
    const outputs = await compiled.run(inputs)
    // The arrays are reused by the next run.
    return mapTree(outputs, (tensor) => ({ ...tensor, values: tensor.values.slice() }))
  },
}

/** Both; for what takes seconds without compiling, the slow tests have {@link eager}. */
export const runners: Runner[] = [eager, onnx]

/** Applies `map` to every leaf. */
export function mapTree<A, B>(tree: Tree<A>, map: (leaf: A) => B): Tree<B> {
  const entries = Object.entries(tree).map(([name, node]) => [
    name,
    isLeaf(node) ? map(node as A) : mapTree(node as Tree<A>, map),
  ])
  return Object.fromEntries(entries)
}

function isLeaf(node: unknown): boolean {
  return Array.isArray((node as { shape?: unknown }).shape)
}

function specOf({ shape, dtype }: HostTensor): TensorSpec {
  return { shape, dtype }
}

function toTensor({ values, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype)
}
