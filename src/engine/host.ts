import { InputError } from '../errors.ts'
import type { HostTensor, TensorSpec, Tree } from './tensor.ts'
import { sizeOf } from './tensor.ts'
import type { Leaf } from './tree.ts'
import { unflatten } from './tree.ts'

/** Where each input stands in the list of inputs, by name. */
type Places = Map<string, number | Places>

/** Checks host tensors against a signature and puts them in its order. */
export class InputReader {
  readonly #name: string
  readonly #inputs: readonly Leaf<TensorSpec>[]
  readonly #places: Places = new Map()

  /** @param name of the compiled function, for messages */
  constructor(name: string, inputs: readonly Leaf<TensorSpec>[]) {
    this.#name = name
    this.#inputs = inputs
    for (const [index, { keys }] of inputs.entries()) {
      let places = this.#places
      for (const key of keys.slice(0, -1)) {
        const next = places.get(key)
        if (next instanceof Map) places = next
        else {
          const made: Places = new Map()
          places.set(key, made)
          places = made
        }
      }
      places.set(keys[keys.length - 1], index)
    }
  }

  /**
   * @returns the tensors in the order of the signature
   * @throws InputError naming the path of an input that is missing, unknown, or of another shape or type
   */
  read(tree: Tree<HostTensor>): HostTensor[] {
    const found = new Array<HostTensor>(this.#inputs.length)
    const count = this.#visit(this.#places, tree, [], found)
    if (count < this.#inputs.length) {
      const missing = this.#inputs.find((_, i) => found[i] === undefined)
      throw new InputError(
        `"${this.#name}" was not given its input "${missing?.path}" (${describe(missing?.value)}); add it.`,
      )
    }
    return found
  }

  #visit(places: Places, tree: unknown, keys: readonly string[], found: HostTensor[]): number {
    if (typeof tree !== 'object' || tree === null) return 0
    let count = 0
    for (const key in tree) {
      const place = places.get(key)
      const child = (tree as Record<string, unknown>)[key]
      if (typeof place === 'number') {
        found[place] = this.#check(this.#inputs[place], child)
        count++
      } else if (place !== undefined && !isHostTensor(child)) {
        count += this.#visit(place, child, [...keys, key], found)
      } else {
        const names = this.#inputs.slice(0, 20).map(({ path }) => path)
        throw new InputError(
          `"${this.#name}" has no input "${[...keys, key].join('/')}"; its inputs are ${names.join(', ')}` +
            `${this.#inputs.length > names.length ? ', …' : ''}.`,
        )
      }
    }
    return count
  }

  #check({ path, value: spec }: Leaf<TensorSpec>, tensor: unknown): HostTensor {
    if (!isHostTensor(tensor)) {
      throw new InputError(
        `The input "${path}" of "${this.#name}" is not a host tensor; give { shape, dtype, values } with ${describe(spec)}.`,
      )
    }
    const { shape, dtype, values } = tensor
    if (dtype !== spec.dtype || !sameShape(shape, spec.shape)) {
      throw new InputError(
        `The input "${path}" of "${this.#name}" is ${describe(tensor)} but the function was compiled for ${describe(spec)}; give that shape and type.`,
      )
    }
    if (!(values instanceof ARRAYS[dtype]) || values.length !== sizeOf(shape)) {
      throw new InputError(
        `The input "${path}" of "${this.#name}" holds ${values.length} elements in a ${values.constructor.name}; ${describe(spec)} needs ${sizeOf(shape)} in a ${ARRAYS[dtype].name}.`,
      )
    }
    return tensor
  }
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }

/** A tensor of zeros. */
export function zeros(spec: TensorSpec): HostTensor {
  return { shape: spec.shape, dtype: spec.dtype, values: new ARRAYS[spec.dtype](sizeOf(spec.shape)) }
}

/** Copies of tensors, put back into a tree. */
export function copyTree(
  leaves: readonly Leaf<TensorSpec>[],
  tensors: readonly HostTensor[],
): Tree<HostTensor> {
  return unflatten(
    leaves.map(({ keys, value }, i) => ({
      keys,
      value: { shape: value.shape, dtype: value.dtype, values: tensors[i].values.slice() },
    })),
  )
}

function isHostTensor(node: unknown): node is HostTensor {
  return typeof node === 'object' && node !== null && 'values' in node && ArrayBuffer.isView(node.values)
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

function describe(spec: TensorSpec | undefined): string {
  return spec === undefined ? '' : `${spec.dtype} [${spec.shape.join(', ')}]`
}
