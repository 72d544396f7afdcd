import { ONNX_TYPE } from '../graph/emit.ts'
import type { Attribute, ConstantData, Graph, Node, Value } from '../graph/value.ts'
import { OPSET, orderedNodes } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'
import { ATTRIBUTE_TYPE, EXTERNAL, ModelProto } from './schema.ts'

/** The version of the file format that goes with {@link OPSET}. */
const IR_VERSION = 8

/** Larger uniform constants are stored as one element and a shape. */
const LARGEST_SPELT_OUT = 64

/** A graph as an ONNX model. */
export interface EncodedModel {
  readonly bytes: Uint8Array
  /** The name of each graph output in the model: its own, or with a prefix where an input has that name. */
  readonly outputNames: readonly string[]
  /** Pieces of the file that {@link EncodeOptions.external} names, in order. */
  readonly external: readonly Uint8Array[]
}

/** Name of the output that {@link EncodeOptions.marker} adds. */
export const MARKER = '//done'

export interface EncodeOptions {
  /**
   * Adds a first output {@link MARKER}, an empty sequence. onnxruntime-node copies every output of a run to new
   * arrays, even those it was given arrays for, which costs a training step as much as a quarter of its time.
   * It cannot convert sequences, and gives up at the first: then everything is computed and nothing copied.
   */
  readonly marker?: boolean
  /**
   * Name of a file beside the model's that takes the large constants, because a model of more than 2 GiB cannot be
   * one message; everything is in the model where absent.
   */
  readonly external?: string
}

/** Constants below this many bytes stay in the model; the others begin at multiples of {@link ALIGNMENT} in their file. */
const LEAST_EXTERNAL = 1024
const ALIGNMENT = 64

/** Writes a graph as an ONNX ModelProto. The same graph gives the same bytes. */
export function encodeOnnx(graph: Graph, options: EncodeOptions = {}): EncodedModel {
  const writer = new GraphWriter(graph, options.external)
  return { bytes: writer.finish(options), outputNames: writer.outputNames, external: writer.external }
}

class GraphWriter {
  readonly outputNames: string[] = []
  readonly external: Uint8Array[] = []
  readonly #graph: Graph
  readonly #location: string | undefined
  readonly #names = new Map<Value, string>()
  readonly #nodes: object[] = []
  readonly #initializers: object[] = []
  readonly #shared = new Map<string, string>()
  #count = 0
  #externalBytes = 0

  constructor(graph: Graph, location: string | undefined) {
    this.#graph = graph
    this.#location = location
  }

  finish({ marker = false }: EncodeOptions): Uint8Array {
    const { name, inputs, outputs } = this.#graph
    for (const input of inputs) if (input.source.kind === 'input') this.#names.set(input, input.source.name)
    const copies = this.#nameOutputs()
    for (const node of orderedNodes(outputs.map(({ value }) => value))) this.#write(node)
    for (const [to, value] of copies) {
      this.#nodes.push({ opType: 'Identity', input: [this.#nameOf(value)], output: [to] })
    }
    const written = outputs.map(({ value }, i) => valueInfo(this.outputNames[i], value))
    if (marker) {
      this.#nodes.push({ opType: 'SequenceEmpty', output: [MARKER] })
      written.unshift({
        name: MARKER,
        type: { sequenceType: { elemType: { tensorType: { elemType: ONNX_TYPE.float32 } } } },
      })
    }
    const message = {
      irVersion: IR_VERSION,
      producerName: 'immiscible',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: inputs.map((value) => valueInfo(this.#nameOf(value), value)),
        output: written,
      },
    }
    return ModelProto.encode(message).finish()
  }

  /** Lets the producing nodes write to the outputs' names; what no node produces, or twice, is copied there. */
  #nameOutputs(): [string, Value][] {
    const copies: [string, Value][] = []
    const taken = new Set(this.#names.values())
    for (const { name, value } of this.#graph.outputs) {
      let unique = name
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

function valueInfo(name: string, { shape, dtype }: Value): object {
  const dim = shape.map((dimValue) => ({ dimValue }))
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
