import { ONNX_TYPE } from '../graph/emit.ts'
import type { Graph } from '../graph/value.ts'
import { OPSET } from '../graph/value.ts'
import { GraphWriter, type WrittenGraph } from './graph-writer.ts'
import { ModelProto } from './schema.ts'

/** The version of the file format that goes with {@link OPSET}. */
const IR_VERSION = 8

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

/** Writes a graph as an ONNX ModelProto. The same graph gives the same bytes. */
export function encodeOnnx(graph: Graph, options: EncodeOptions = {}): EncodedModel {
  const writer = new GraphWriter(graph, options.external)
  const written = writer.write()
  const bytes = encodeModel(options.marker ? withMarker(written) : written)
  return { bytes, outputNames: writer.outputNames, external: writer.external }
}

/** With the output {@link MARKER} before the others. */
export function withMarker(graph: WrittenGraph): WrittenGraph {
  const type = { sequenceType: { elemType: { tensorType: { elemType: ONNX_TYPE.float32 } } } }
  return {
    ...graph,
    node: [...graph.node, { opType: 'SequenceEmpty', output: [MARKER] }],
    output: [{ name: MARKER, type }, ...graph.output],
  }
}

/** A model's bytes. */
export function encodeModel(graph: WrittenGraph): Uint8Array {
  return ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: 'immiscible',
    opsetImport: [{ domain: '', version: OPSET }],
    graph,
  }).finish()
}
