/** Look-ups by index, their opposites, and one-hot vectors. */
import {
  arrayOf,
  binary,
  cast,
  emit,
  gather,
  gemm,
  matmul,
  reshape,
  scalar,
  transpose,
  uniform,
  where,
} from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { constantValue } from '../../graph/value.ts'
import { sizeOf } from '../../tensor.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import { axisOf } from './shape.ts'

type Call<A = unknown> = KernelCall<A>

/** Above this many elements, a one-hot matrix costs more than scattering. */
const LARGEST_ONE_HOT = 1 << 24

/** Whether each index is 0, 1, …, depth − 1: [..., depth]; indices outside match none. */
function matches(indices: Value, depth: number): Value {
  const classes = Int32Array.from({ length: depth }, (_, i) => i)
  const range = constantValue(classes, { shape: [depth], dtype: 'int32' }, false)
  return binary('Equal', reshape(indices, [...indices.shape, 1]), range, 'bool')
}

function oneHot(indices: Value, { depth, onValue, offValue, dtype }: tfjs.OneHotAttrs): Value {
  const type = dtype === 'float32' || dtype === 'bool' ? dtype : 'int32'
  const hot = matches(cast(indices, 'int32'), depth)
  if (onValue === 1 && offValue === 0) return cast(hot, type)
  const number = type === 'bool' ? 'int32' : type
  return cast(where(hot, scalar(onValue, number), scalar(offValue, number)), type)
}

/** With batch dimensions, the gathered axis moves to just behind them, where GatherND looks. */
function gatherBatched(x: Value, indices: Value, axis: number, batchDims: number): Value {
  const rest = x.shape.map((_, i) => i).filter((i) => i !== axis)
  const moved = transpose(x, [...rest.slice(0, batchDims), axis, ...rest.slice(batchDims)])
  const inner = moved.shape.slice(batchDims + 1)
  const own = indices.shape.slice(batchDims)
  const shape = [...x.shape.slice(0, batchDims), ...own, ...inner]
  const tuples = cast(reshape(indices, [...indices.shape, 1]), 'int64')
  const found = emit('GatherND', [moved, tuples], { batch_dims: batchDims }, shape, x.dtype)
  // Back: [batch, own, outer, inner] → [batch, outer, own, inner].
  const outer = axis - batchDims
  const at = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i)
  return transpose(found, [
    ...at(0, batchDims),
    ...at(batchDims + own.length, outer),
    ...at(batchDims, own.length),
    ...at(batchDims + own.length + outer, x.shape.length - axis - 1),
  ])
}

/**
 * Sums rows that share a segment. As a product with a one-hot matrix it is parallel and gives the same bits
 * each time; ids outside the range drop out, as in tfjs.
 */
function segmentSum(x: Value, ids: Value, segments: number): Value {
  const count = sizeOf(ids.shape)
  const inner = x.shape.slice(ids.shape.length)
  const shape = [segments, ...inner]
  const flatIds = reshape(cast(ids, 'int32'), [count])
  const rows = reshape(x, [count, sizeOf(inner)])
  if (count * segments <= LARGEST_ONE_HOT) {
    const hot = cast(matches(flatIds, segments), x.dtype)
    const product =
      x.dtype === 'float32' ? gemm(hot, rows, true, false) : matmul(transpose(hot, [1, 0]), rows)
    return reshape(product, shape)
  }
  // One row more than asked for takes what is out of range.
  const below = binary('Less', flatIds, scalar(0, 'int32'), 'bool')
  const above = binary('GreaterOrEqual', flatIds, scalar(segments, 'int32'), 'bool')
  const safe = where(binary('Or', below, above), scalar(segments, 'int32'), flatIds)
  const target = uniform(0, [segments + 1, sizeOf(inner)], x.dtype)
  const tuples = cast(reshape(safe, [count, 1]), 'int64')
  const sums = emit('ScatterND', [target, tuples, rows], { reduction: 'add' }, target.shape, x.dtype)
  const kept = gather(sums, range(segments), 0)
  return reshape(kept, shape)
}

function range(n: number): Value {
  const values = Array.from({ length: n }, (_, i) => i)
  return constantValue(arrayOf('int64', values), { shape: [n], dtype: 'int64' }, false)
}

export const gathers: Lowerings = {
  GatherV2: ({ inputs: { x, indices }, attributes }: Call<tfjs.GatherV2Attrs>) => {
    const axis = axisOf(attributes.axis, x.shape.length)
    const batchDims = axisOf(attributes.batchDims ?? 0, indices.shape.length)
    const integers = cast(indices, 'int32')
    return batchDims === 0 ? gather(x, integers, axis) : gatherBatched(x, integers, axis, batchDims)
  },
  GatherNd: ({ inputs: { params, indices } }: Call) => {
    const depth = indices.shape[indices.shape.length - 1]
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
    return emit('GatherND', [params, cast(indices, 'int64')], { batch_dims: 0 }, shape, params.dtype)
  },
  ScatterNd: ({ inputs: { indices, updates }, attributes }: Call<tfjs.ScatterNdAttrs>) => {
    const target = uniform(0, attributes.shape, updates.dtype)
    const inputs = [target, cast(indices, 'int64'), updates]
    return emit('ScatterND', inputs, { reduction: 'add' }, attributes.shape, updates.dtype)
  },
  TensorScatterUpdate: ({ inputs: { tensor, indices, updates } }: Call) =>
    emit('ScatterND', [tensor, cast(indices, 'int64'), updates], {}, tensor.shape, tensor.dtype),
  OneHot: ({ inputs, attributes }: Call<tfjs.OneHotAttrs>) => oneHot(inputs.indices, attributes),
  UnsortedSegmentSum: ({ inputs, attributes }: Call<tfjs.UnsortedSegmentSumAttrs>) =>
    segmentSum(inputs.x, inputs.segmentIds, attributes.numSegments),
}
