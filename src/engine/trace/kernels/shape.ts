/** Rearrangements: reshape, transpose, slice, join, repeat, pad. */

import { cast, concat, emit, expand, int64s, pad, reshape, slice, transpose } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { tf, type tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'

type Call<A = unknown> = KernelCall<A>

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

function ones(n: number): number[] {
  return new Array<number>(n).fill(1)
}

function zeros(n: number): number[] {
  return new Array<number>(n).fill(0)
}

/** A part of one axis. */
export function narrow(x: Value, axis: number, start: number, size: number): Value {
  const begin = zeros(x.shape.length)
  begin[axis] = start
  return slice(
    x,
    begin,
    x.shape.map((n, i) => (i === axis ? size : n)),
  )
}

/** The elements of some axes in reverse order. */
export function reverse(x: Value, axes: readonly number[]): Value {
  const backwards = x.shape.map((n, i) => axes.includes(i) && n > 1)
  return slice(
    x,
    x.shape.map((n, i) => (backwards[i] ? n - 1 : 0)),
    x.shape,
    x.shape.map((_, i) => (backwards[i] ? -1 : 1)),
  )
}

function tile(x: Value, reps: readonly number[]): Value {
  const shape = x.shape.map((n, i) => n * reps[i])
  if (reps.every((n, i) => n === 1 || x.shape[i] === 1)) return expand(x, shape)
  return emit('Tile', [x, int64s(reps)], {}, shape, x.dtype)
}

function stridedSlice(x: Value, attributes: tfjs.StridedSliceAttrs): Value {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  )
  const size = tf.slice_util.computeOutShape(info.begin, info.end, info.strides)
  return reshape(slice(x, info.begin, size, info.strides), info.finalShape)
}

/** `reflect` leaves the edge out and `symmetric` repeats it; ONNX has only the former at this opset. */
function mirrorPad(x: Value, { paddings, mode }: tfjs.MirrorPadAttrs): Value {
  if (mode === 'reflect') {
    return pad(
      x,
      paddings.map((p) => p[0]),
      paddings.map((p) => p[1]),
      'reflect',
    )
  }
  return paddings.reduce((padded, [before, after], axis) => {
    const size = padded.shape[axis]
    const parts = [padded]
    if (before > 0) parts.unshift(reverse(narrow(padded, axis, 0, before), [axis]))
    if (after > 0) parts.push(reverse(narrow(padded, axis, size - after, after), [axis]))
    return concat(parts, axis)
  }, x)
}

/** bool is padded as int32, because ONNX's padding value must have the tensor's type. */
function padWith(x: Value, { paddings, constantValue }: tfjs.PadV2Attrs): Value {
  const before = paddings.map((p) => p[0])
  const after = paddings.map((p) => p[1])
  const number = x.dtype === 'bool' ? cast(x, 'int32') : x
  return cast(pad(number, before, after, 'constant', constantValue), x.dtype)
}

export const shapes: Lowerings = {
  Reshape: ({ inputs, attributes }: Call<tfjs.ReshapeAttrs>) => {
    const size = inputs.x.shape.reduce((a, b) => a * b, 1)
    return reshape(inputs.x, tf.util.inferFromImplicitShape(attributes.shape, size))
  },
  ExpandDims: ({ inputs: { input }, attributes }: Call<tfjs.ExpandDimsAttrs>) => {
    const shape = [...input.shape]
    shape.splice(axisOf(attributes.dim, input.shape.length + 1), 0, 1)
    return reshape(input, shape)
  },
  Transpose: ({ inputs, attributes }: Call<tfjs.TransposeAttrs>) => transpose(inputs.x, attributes.perm),
  Slice: ({ inputs: { x }, attributes }: Call<tfjs.SliceAttrs>) => {
    const info = { shape: [...x.shape], dtype: 'float32' as const, dataId: {} }
    const [begin, size] = tf.slice_util.parseSliceParams(info, attributes.begin, attributes.size)
    return slice(x, begin, size)
  },
  StridedSlice: ({ inputs, attributes }: Call<tfjs.StridedSliceAttrs>) => stridedSlice(inputs.x, attributes),
  Reverse: ({ inputs: { x }, attributes }: Call<tfjs.ReverseAttrs>) =>
    reverse(x, tf.util.parseAxisParam(attributes.dims, [...x.shape])),
  Concat: ({ inputs, attributes }: Call<tfjs.ConcatAttrs>) => {
    const all = Object.values(inputs)
    const axis = axisOf(attributes.axis, all[0].shape.length)
    const filled = all.filter((value) => value.shape[axis] > 0)
    return filled.length === 0 ? all[0] : concat(filled, axis)
  },
  Pack: ({ inputs, attributes }: Call<tfjs.PackAttrs>) => {
    const all = Object.values(inputs)
    const axis = axisOf(attributes.axis, all[0].shape.length + 1)
    const shape = [...all[0].shape]
    shape.splice(axis, 0, 1)
    return concat(
      all.map((value) => reshape(value, shape)),
      axis,
    )
  },
  Unpack: ({ inputs: { value }, attributes }: Call<tfjs.UnpackAttrs>) => {
    const axis = axisOf(attributes.axis, value.shape.length)
    const shape = value.shape.filter((_, i) => i !== axis)
    return Array.from({ length: value.shape[axis] }, (_, i) => reshape(narrow(value, axis, i, 1), shape))
  },
  SplitV: ({ inputs: { x }, attributes }: Call<tfjs.SplitVAttrs>) => {
    const axis = axisOf(attributes.axis, x.shape.length)
    const info = { shape: [...x.shape] } as tf.Tensor
    const sizes = tf.backend_util.prepareSplitSize(info, attributes.numOrSizeSplits, axis)
    let start = 0
    return sizes.map((size) => {
      start += size
      return narrow(x, axis, start - size, size)
    })
  },
  Tile: ({ inputs, attributes }: Call<tfjs.TileAttrs>) => tile(inputs.x, attributes.reps),
  BroadcastTo: ({ inputs, attributes }: Call<tfjs.BroadCastToAttrs>) => {
    const { x } = inputs
    const rank = attributes.shape.length
    return expand(reshape(x, [...ones(rank - x.shape.length), ...x.shape]), attributes.shape)
  },
  PadV2: ({ inputs, attributes }: Call<tfjs.PadV2Attrs>) => padWith(inputs.x, attributes),
  MirrorPad: ({ inputs, attributes }: Call<tfjs.MirrorPadAttrs>) => mirrorPad(inputs.x, attributes),
}
