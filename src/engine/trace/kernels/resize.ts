/** Resizing of [batch, height, width, channels] images. */

import { arrayOf, cast, expand, gather, matmul, reduce, reshape, transpose } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { constantValue } from '../../graph/value.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'

type Call<A> = KernelCall<A>
type Options = Pick<tfjs.ResizeNearestNeighborAttrs, 'alignCorners' | 'halfPixelCenters'>

/** Where in `from` elements the i-th of `to` elements lies. */
function position(i: number, from: number, to: number, { alignCorners, halfPixelCenters }: Options): number {
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to
  return halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i
}

/** The input element that each output element copies. */
function nearest(from: number, to: number, options: Options): number[] {
  const { alignCorners, halfPixelCenters } = options
  return Array.from({ length: to }, (_, i) => {
    // With half-pixel centres, the nearest element is the one whose span contains the centre.
    const exact = position(i, from, to, options) + (halfPixelCenters ? 0.5 : 0)
    return Math.min(from - 1, Math.max(0, alignCorners ? Math.round(exact) : Math.floor(exact)))
  })
}

/** Weights [to, from] of a nearest or linear interpolation along one axis. */
function weights(from: number, to: number, options: Options, linear: boolean): number[][] {
  const chosen = linear ? [] : nearest(from, to, options)
  return Array.from({ length: to }, (_, i) => {
    const row = new Array<number>(from).fill(0)
    if (!linear) {
      row[chosen[i]] = 1
      return row
    }
    const exact = position(i, from, to, options)
    const low = Math.max(0, Math.floor(exact))
    const fraction = exact - low
    row[low] += 1 - fraction
    row[Math.min(from - 1, Math.ceil(exact))] += fraction
    return row
  })
}

function matrix(rows: readonly (readonly number[])[]): Value {
  const shape = [rows.length, rows[0].length]
  return constantValue(arrayOf('float32', rows.flat()), { shape, dtype: 'float32' }, false)
}

function transposed(rows: readonly (readonly number[])[]): number[][] {
  return rows[0].map((_, j) => rows.map((row) => row[j]))
}

/** Multiplies the height axis and then the width axis by a matrix. */
function apply(x: Value, height: number[][], width: number[][]): Value {
  const [batch, , columns, channels] = x.shape
  const tall = matmul(matrix(height), reshape(x, [batch, x.shape[1], columns * channels]))
  const wide = matmul(matrix(width), reshape(tall, [batch * height.length, columns, channels]))
  return reshape(wide, [batch, height.length, width.length, channels])
}

/** The whole numbers by which both axes grow, if they do and each element is simply repeated. */
function repetition(x: readonly number[], [height, width]: readonly number[], options: Options) {
  const [rows, columns] = [height / x[1], width / x[2]]
  if (options.alignCorners || !Number.isInteger(rows) || !Number.isInteger(columns)) return undefined
  return [rows, columns]
}

function resizeNearest(images: Value, { size, ...options }: tfjs.ResizeNearestNeighborAttrs): Value {
  const [batch, height, width, channels] = images.shape
  const x = cast(images, 'float32')
  const times = repetition(images.shape, size, options)
  if (times !== undefined) {
    const repeated = expand(reshape(x, [batch, height, 1, width, 1, channels]), [
      batch,
      height,
      times[0],
      width,
      times[1],
      channels,
    ])
    return reshape(repeated, [batch, size[0], size[1], channels])
  }
  const indices = (from: number, to: number) => {
    const values = nearest(from, to, options)
    return constantValue(arrayOf('int64', values), { shape: [to], dtype: 'int64' }, false)
  }
  return gather(gather(x, indices(height, size[0]), 1), indices(width, size[1]), 2)
}

function resizeNearestGradient(images: Value, dy: Value, options: Options): Value {
  const [batch, height, width, channels] = images.shape
  const size = dy.shape.slice(1, 3)
  const times = repetition(images.shape, size, options)
  if (times !== undefined) {
    const blocks = reshape(dy, [batch, height, times[0], width, times[1], channels])
    // Single axes at a time, because the runtime sums those fastest; an axis of 1 is dropped by reshaping.
    const rows = times[0] === 1 ? blocks : reduce('ReduceSum', blocks, [2], true)
    const both = times[1] === 1 ? rows : reduce('ReduceSum', rows, [4], true)
    return reshape(both, images.shape)
  }
  return resizeGradient(images, dy, options, false)
}

/** The gradient of an interpolation multiplies by the transposed weights. */
function resizeGradient(images: Value, dy: Value, options: Options, linear: boolean): Value {
  const [, height, width] = images.shape
  return apply(
    dy,
    transposed(weights(height, dy.shape[1], options, linear)),
    transposed(weights(width, dy.shape[2], options, linear)),
  )
}

/** [batch, height, width, channels] with blocks of channels spread over space. */
function depthToSpace(x: Value, { blockSize: block, dataFormat }: tfjs.DepthToSpaceAttrs): Value {
  if (dataFormat === 'NCHW') throw new Error('depthToSpace is compiled with channels last only.')
  const [batch, height, width, channels] = x.shape
  const depth = channels / (block * block)
  const blocks = transpose(reshape(x, [batch, height, width, block, block, depth]), [0, 1, 3, 2, 4, 5])
  return reshape(blocks, [batch, height * block, width * block, depth])
}

export const resizes: Lowerings = {
  ResizeNearestNeighbor: ({ inputs, attributes }: Call<tfjs.ResizeNearestNeighborAttrs>) =>
    resizeNearest(inputs.images, attributes),
  ResizeNearestNeighborGrad: ({ inputs, attributes }: Call<Options>) =>
    resizeNearestGradient(inputs.images, inputs.dy, attributes),
  ResizeBilinear: ({ inputs: { images }, attributes }: Call<tfjs.ResizeBilinearAttrs>) => {
    const [height, width] = attributes.size
    return apply(
      cast(images, 'float32'),
      weights(images.shape[1], height, attributes, true),
      weights(images.shape[2], width, attributes, true),
    )
  },
  ResizeBilinearGrad: ({ inputs, attributes }: Call<Options>) =>
    resizeGradient(inputs.images, inputs.dy, attributes, true),
  DepthToSpace: ({ inputs, attributes }: Call<tfjs.DepthToSpaceAttrs>) => depthToSpace(inputs.x, attributes),
}
