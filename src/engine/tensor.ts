/** The element types that cross the border of a compiled function. */
export type DType = 'float32' | 'int32' | 'bool'

/** Shape and type of one tensor; every dimension is a fixed whole number ≥ 0. */
export interface TensorSpec {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** A tensor in host memory, row major. `bool` is a Uint8Array of 0 and 1. */
export interface HostTensor extends TensorSpec {
  readonly values: Float32Array | Int32Array | Uint8Array
}

/** Named values, nested at will: `{ state: { params: { 'a.weight': … } }, batch: { … } }`. */
export type Tree<T> = { readonly [name: string]: T | Tree<T> }

/** A float32 {@link TensorSpec}. */
export function float32(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' }
}

/** An int32 {@link TensorSpec}. */
export function int32(...shape: number[]): TensorSpec {
  return { shape, dtype: 'int32' }
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}
