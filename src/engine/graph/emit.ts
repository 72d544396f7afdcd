/** Constructors of ONNX nodes that work out the shape and type of what they return. */
import { sizeOf } from '../tensor.ts'
import type { Attribute, ConstantData, ElementType, Value } from './value.ts'
import { constantValue, makeNode } from './value.ts'

type Attributes = Readonly<Record<string, Attribute>>

/** A node with one output. */
export function emit(
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes,
  shape: readonly number[],
  dtype: ElementType,
): Value {
  return makeNode(op, inputs, attributes, [{ shape, dtype }]).outputs[0]
}

/** A constant whose elements are all equal. */
export function uniform(value: number, shape: readonly number[], dtype: ElementType): Value {
  return constantValue(arrayOf(dtype, [value]), { shape, dtype }, true)
}

/** A constant without dimensions. */
export function scalar(value: number, dtype: ElementType = 'float32'): Value {
  return uniform(value, [], dtype)
}

/** A one-dimensional int64 constant, as ONNX wants its shapes, axes and offsets. */
export function int64s(values: readonly number[]): Value {
  return constantValue(arrayOf('int64', values), { shape: [values.length], dtype: 'int64' }, false)
}

/** Elements of the given type. */
export function arrayOf(dtype: ElementType, values: ArrayLike<number>): ConstantData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values)
    case 'int32':
      return Int32Array.from(values)
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1))
    case 'int64':
      return BigInt64Array.from(Array.from(values), (value) => BigInt(value))
  }
}

/** An elementwise function of one tensor. */
export function unary(
  op: string,
  x: Value,
  attributes: Attributes = {},
  dtype: ElementType = x.dtype,
): Value {
  return emit(op, [x], attributes, x.shape, dtype)
}

/** An elementwise function of two tensors that broadcast. */
export function binary(op: string, a: Value, b: Value, dtype: ElementType = a.dtype): Value {
  return emit(op, [a, b], {}, broadcastShape(a.shape, b.shape), dtype)
}

/** The shape that NumPy's broadcasting gives; the shapes are known to fit. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, i) => {
    let dimension = 1
    for (const shape of shapes) {
      const own = shape[i - rank + shape.length]
      if (own !== undefined && own !== 1) dimension = own
    }
    return dimension
  })
}

/** `condition ? a : b`, broadcasting. */
export function where(condition: Value, a: Value, b: Value): Value {
  return emit('Where', [condition, a, b], {}, broadcastShape(condition.shape, a.shape, b.shape), a.dtype)
}

/** Another element type; the same value where it has it already. */
export function cast(x: Value, dtype: ElementType): Value {
  if (x.dtype === dtype) return x
  // C++'s float → bool is "not zero" and float → integer truncates, as in tfjs.
  return unary('Cast', x, { to: ONNX_TYPE[dtype] }, dtype)
}

/** TensorProto.DataType. */
export const ONNX_TYPE: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 }

/** Another shape of as many elements; the same value where it has it already. */
export function reshape(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x
  // allowzero: a 0 means no elements, not "as before".
  return emit('Reshape', [x, int64s(shape)], { allowzero: 1 }, shape, x.dtype)
}

/** Dimension i of the result is dimension permutation[i] of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return x
  return emit(
    'Transpose',
    [x],
    { perm: permutation },
    permutation.map((axis) => x.shape[axis]),
    x.dtype,
  )
}

/** Repeats dimensions of size 1. */
export function expand(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x
  return emit('Expand', [x, int64s(shape)], {}, shape, x.dtype)
}

/** Joins along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]
  const shape = [...values[0].shape]
  shape[axis] = values.reduce((sum, value) => sum + value.shape[axis], 0)
  return emit('Concat', values, { axis }, shape, values[0].dtype)
}

/** Elements begin[i], begin[i] + strides[i], … (size[i] of them) of every dimension. Strides may be negative. */
export function slice(
  x: Value,
  begin: readonly number[],
  size: readonly number[],
  strides: readonly number[] = begin.map(() => 1),
): Value {
  const first = begin.map((start, i) => (strides[i] < 0 ? start + (size[i] - 1) * strides[i] : start))
  const chosen = sliceNode(
    x,
    first,
    first.map((start, i) => start + size[i] * Math.abs(strides[i])),
    size,
    strides.map(Math.abs),
  )
  // Turned around as a whole afterwards: WebGPU's Slice goes wrong where it starts elsewhere than at the end.
  const backwards = size.map((n, i) => strides[i] < 0 && n > 1)
  return sliceNode(
    chosen,
    size.map((n, i) => (backwards[i] ? n - 1 : 0)),
    // ONNX counts negative ends from the back; this far back means "before the first".
    size.map((n, i) => (backwards[i] ? -n - 1 : n)),
    size,
    size.map((_, i) => (backwards[i] ? -1 : 1)),
  )
}

function sliceNode(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  shape: readonly number[],
  steps: readonly number[],
): Value {
  const axes = x.shape
    .map((_, i) => i)
    .filter((i) => starts[i] !== 0 || shape[i] !== x.shape[i] || steps[i] !== 1)
  if (axes.length === 0) return x
  const [from, to, by] = [starts, ends, steps].map((values) => int64s(axes.map((axis) => values[axis])))
  return emit('Slice', [x, from, to, int64s(axes), by], {}, shape, x.dtype)
}

/** Adds elements before and after every dimension; negative numbers of them crop. */
export function pad(
  x: Value,
  before: readonly number[],
  after: readonly number[],
  mode: 'constant' | 'reflect' = 'constant',
  value = 0,
): Value {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x
  const inputs = [x, int64s([...before, ...after])]
  if (mode === 'constant' && value !== 0) inputs.push(scalar(value, x.dtype))
  return emit(
    'Pad',
    inputs,
    { mode },
    x.shape.map((n, i) => n + before[i] + after[i]),
    x.dtype,
  )
}

/** Entries of an axis, chosen by an integer tensor. */
export function gather(x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
  return emit('Gather', [x, indices], { axis }, shape, x.dtype)
}

/** A reduction over axes, such as ReduceSum; without axes the same value. */
export function reduce(op: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const shape = reducedShape(x.shape, axes, keepDims)
  if (axes.length === 0) return x
  return emit(op, [x, int64s(axes)], { keepdims: keepDims ? 1 : 0 }, shape, x.dtype)
}

/** The shape after reducing axes away, or to 1. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((n, i) => (axes.includes(i) ? 1 : n))
  return shape.filter((_, i) => !axes.includes(i))
}

/** a·b of two matrices, either transposed first. */
export function gemm(a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const shape = [a.shape[transA ? 1 : 0], b.shape[transB ? 0 : 1]]
  return emit('Gemm', [a, b], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }, shape, a.dtype)
}

/** a·b of stacks of matrices, whose leading dimensions broadcast. */
export function matmul(a: Value, b: Value): Value {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return emit(
    'MatMul',
    [a, b],
    {},
    [...batch, a.shape[a.shape.length - 2], b.shape[b.shape.length - 1]],
    a.dtype,
  )
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/** Every element of a constant, in full. */
export function constantElements(value: Value): ConstantData | undefined {
  if (value.source.kind !== 'constant') return undefined
  const { data, uniform: same } = value.source
  if (!same) return data
  const size = sizeOf(value.shape)
  switch (value.dtype) {
    case 'float32':
      return new Float32Array(size).fill(Number(data[0]))
    case 'int32':
      return new Int32Array(size).fill(Number(data[0]))
    case 'bool':
      return new Uint8Array(size).fill(Number(data[0]))
    case 'int64':
      return new BigInt64Array(size).fill(BigInt(data[0]))
  }
}
