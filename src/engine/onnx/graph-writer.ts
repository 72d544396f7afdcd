import { ONNX_TYPE } from '../graph/emit.ts'
import type { Attribute, ConstantData, ElementType, Graph, Node, Value } from '../graph/value.ts'
import { orderedNodes } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'
import { ATTRIBUTE_TYPE, EXTERNAL } from './schema.ts'

/** Larger uniform constants are stored as one element and a shape. */
const LARGEST_SPELT_OUT = 64

/** Constants below this many bytes stay in the model; the others begin at multiples of {@link ALIGNMENT} in their file. */
const LEAST_EXTERNAL = 1024
const ALIGNMENT = 64

/** Fields of a GraphProto. */
export interface WrittenGraph {
  readonly name: string
  readonly node: object[]
  readonly initializer?: object[]
  readonly input: object[]
  readonly output: object[]
}

/** Writes a graph's nodes and constants, giving every value a name. The same graph gives the same names. */
export class GraphWriter {
  readonly outputNames: string[] = []
  readonly external: Uint8Array[] = []
  readonly #graph: Graph
  readonly #location: string | undefined
  readonly #rename: (name: string) => string
  readonly #names = new Map<Value, string>()
  readonly #nodes: object[] = []
  readonly #initializers: object[] = []
  readonly #shared = new Map<string, string>()
  #count = 0
  #externalBytes = 0

  /**
   * @param location name of the file that takes the large constants, if one does
   * @param rename names of inputs and outputs in the model
   */
  constructor(graph: Graph, location?: string, rename = (name: string) => name) {
    this.#graph = graph
    this.#location = location
    this.#rename = rename
  }

  /** The graph as a GraphProto's fields. */
  write(): Required<WrittenGraph> {
    const { name, inputs, outputs } = this.#graph
    for (const input of inputs) {
      if (input.source.kind === 'input') this.#names.set(input, this.#rename(input.source.name))
    }
    const copies = this.#nameOutputs()
    for (const node of orderedNodes(outputs.map(({ value }) => value))) this.#write(node)
    for (const [to, value] of copies) {
      this.#nodes.push({ opType: 'Identity', input: [this.#nameOf(value)], output: [to] })
    }
    return {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: inputs.map((value) => valueInfo(this.#nameOf(value), value)),
      output: outputs.map(({ value }, i) => valueInfo(this.outputNames[i], value)),
    }
  }

  /** Lets the producing nodes write to the outputs' names; what no node produces, or twice, is copied there. */
  #nameOutputs(): [string, Value][] {
    const copies: [string, Value][] = []
    const taken = new Set(this.#names.values())
    for (const { name, value } of this.#graph.outputs) {
      let unique = this.#rename(name)
      while (taken.has(unique)) unique = `next/${unique}`
      taken.add(unique)
      this.outputNames.push(unique)
      if (value.source.kind === 'node' && !this.#names.has(value)) this.#names.set(value, unique)
      else copies.push([unique, value])
    }
    return copies
  }

  #write(node: Node): void {
    this.#nodes.push({
      opType: node.op,
      input: node.inputs.map((value) => (value === null ? '' : this.#nameOf(value))),
      output: node.outputs.map((value) => this.#nameOf(value)),
      attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
    })
  }

  #nameOf(value: Value): string {
    const known = this.#names.get(value)
    if (known !== undefined) return known
    const name = value.source.kind === 'constant' ? this.#constant(value) : this.#fresh()
    this.#names.set(value, name)
    return name
  }

  #constant(value: Value): string {
    if (value.source.kind !== 'constant') throw new Error('Only constants are stored.')
    const { data, uniform } = value.source
    const size = sizeOf(value.shape)
    if (!uniform || size === data.length) return this.#initializer(value.shape, value, data)
    if (size <= LARGEST_SPELT_OUT) {
      const full = new (data.constructor as Float32ArrayConstructor)(size).fill(data[0] as number)
      return this.#initializer(value.shape, value, full)
    }
    const element = this.#initializer([], value, data)
    const shape = this.#initializer(
      [value.shape.length],
      { dtype: 'int64' },
      BigInt64Array.from(value.shape, (n) => BigInt(n)),
    )
    const name = this.#fresh()
    this.#nodes.push({ opType: 'Expand', input: [element, shape], output: [name] })
    return name
  }

  /** Small equal constants share an initializer. */
  #initializer(shape: readonly number[], { dtype }: Pick<Value, 'dtype'>, data: ConstantData): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const key = data.length <= LARGEST_SPELT_OUT ? `${dtype}[${shape}]${rawData}` : undefined
    const earlier = key === undefined ? undefined : this.#shared.get(key)
    if (earlier !== undefined) return earlier
    const name = this.#fresh()
    const stored = rawData.byteLength < LEAST_EXTERNAL ? { rawData } : this.#stored(rawData)
    this.#initializers.push({ name, dims: shape, dataType: ONNX_TYPE[dtype], ...stored })
    if (key !== undefined) this.#shared.set(key, name)
    return name
  }

  /** Where large data lie: views of them, so that nothing is copied. */
  #stored(rawData: Uint8Array): object {
    if (this.#location === undefined) return { rawData }
    const offset = Math.ceil(this.#externalBytes / ALIGNMENT) * ALIGNMENT
    if (offset > this.#externalBytes) this.external.push(new Uint8Array(offset - this.#externalBytes))
    this.external.push(rawData)
    this.#externalBytes = offset + rawData.byteLength
    const place = { location: this.#location, offset: `${offset}`, length: `${rawData.byteLength}` }
    return {
      externalData: Object.entries(place).map(([key, value]) => ({ key, value })),
      dataLocation: EXTERNAL,
    }
  }

  /** A name that no path of an input can be. */
  #fresh(): string {
    return `//${this.#count++}`
  }
}

/** @param shape `null` where a dimension may vary */
export function valueInfo(
  name: string,
  { shape, dtype }: { shape: readonly (number | null)[]; dtype: ElementType },
): object {
  const dim = shape.map((dimValue) => (dimValue === null ? {} : { dimValue }))
  return { name, type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim } } } }
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPE.int }
  if (typeof value === 'string') {
    return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPE.string }
  }
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPE.float }
  return { name, ints: value, type: ATTRIBUTE_TYPE.ints }
}
