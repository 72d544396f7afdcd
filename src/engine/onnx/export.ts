import type { TensorFunction } from '../engine.ts'
import { optimize } from '../optimize/optimize.ts'
import type { TensorSpec, Tree } from '../tensor.ts'
import { trace } from '../trace/trace.ts'
import { encodeOnnx } from './encode.ts'

/** A model as it lies on disk. */
export interface OnnxFiles {
  /** The `.onnx` file. */
  readonly model: Uint8Array
  /** A file beside it with the large constants, where they are not in the model: its name, and its pieces in order. */
  readonly weights?: { readonly name: string; readonly pieces: readonly Uint8Array[] }
}

/**
 * A function as an ONNX model, without running it.
 *
 * @param external name of a file beside the model's for its large constants, which a model of more than 2 GiB needs
 * @throws UnsupportedKernelError for an operation that has no translation
 */
export function exportOnnx(
  name: string,
  fn: TensorFunction,
  signature: Tree<TensorSpec>,
  external?: string,
): OnnxFiles {
  const encoded = encodeOnnx(optimize(trace(name, fn, signature).graph), { external })
  return {
    model: encoded.bytes,
    ...(external !== undefined && { weights: { name: external, pieces: encoded.external } }),
  }
}
