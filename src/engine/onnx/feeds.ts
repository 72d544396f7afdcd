import type { Tensor } from 'onnxruntime-node'
import { InputReader } from '../host.ts'
import type { HostTensor, TensorSpec, Tree } from '../tensor.ts'
import type { Leaf } from '../tree.ts'
import { ortTensor } from './session.ts'

/**
 * Puts the inputs of each run into one reused record of the runtime's tensors. The caller's arrays are used
 * where they are, not copied, and an array that comes again keeps its tensor.
 */
export class Feeds {
  readonly #reader: InputReader
  readonly #names: readonly string[]
  readonly #values: (HostTensor['values'] | undefined)[]
  readonly #written: ReadonlySet<ArrayBufferLike>

  /**
   * @param names of the inputs in the model, in the order of `inputs`
   * @param written the arrays that runs write to: an input in one of them is copied first
   */
  constructor(
    name: string,
    inputs: readonly Leaf<TensorSpec>[],
    names: readonly string[],
    written: readonly HostTensor[],
  ) {
    this.#reader = new InputReader(name, inputs)
    this.#names = names
    this.#values = new Array(names.length)
    this.#written = new Set(written.map(({ values }) => values.buffer))
  }

  /** Writes the inputs to `records`, each of which is a run's feeds. @throws InputError as {@link InputReader} does */
  fill(tree: Tree<HostTensor>, records: readonly Record<string, Tensor>[]): void {
    const tensors = this.#reader.read(tree)
    for (const [i, tensor] of tensors.entries()) {
      const own = this.#written.has(tensor.values.buffer)
      if (!own && this.#values[i] === tensor.values) continue
      this.#values[i] = own ? undefined : tensor.values
      const fed = ortTensor(own ? { ...tensor, values: tensor.values.slice() } : tensor)
      for (const record of records) record[this.#names[i]] = fed
    }
  }
}
