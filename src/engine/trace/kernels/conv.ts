/** Convolutions and their gradients, channels last. */

import { InputError } from '../../../errors.ts'
import { binary, concat, emit, gemm, reshape, transpose } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { sizeOf } from '../../tensor.ts'
import { tf, type tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import { activation } from './elementwise.ts'
import type { Window } from './patches.ts'
import { aligned, asRows, copiesOf, overlapAdd, padded, positionsOf, underOffset } from './patches.ts'
import { narrow, reverse } from './shape.ts'

type Call<A> = KernelCall<A>
type Shape4 = [number, number, number, number]

/** A convolution of [batch, height, width, channels] with [height, width, channels, filters]. */
interface Geometry {
  readonly rows: Window
  readonly columns: Window
  readonly batch: number
  readonly channels: number
  readonly filters: number
}

interface ConvAttributes {
  readonly strides: [number, number] | number
  readonly pad: tfjs.Conv2DAttrs['pad']
  readonly dataFormat: 'NHWC' | 'NCHW'
  readonly dilations?: [number, number] | number
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

function geometryOf(x: readonly number[], filter: readonly number[], attributes: ConvAttributes): Geometry {
  if (attributes.dataFormat === 'NCHW') {
    throw new InputError(
      'A convolution with channels first cannot be compiled; transpose to [batch, height, width, channels].',
    )
  }
  const info = tf.backend_util.computeConv2DInfo(
    [...x] as Shape4,
    [...filter] as Shape4,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
  )
  return {
    rows: {
      length: info.inHeight,
      places: info.outHeight,
      size: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      before: info.padInfo.top,
    },
    columns: {
      length: info.inWidth,
      places: info.outWidth,
      size: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      before: info.padInfo.left,
    },
    batch: info.batchSize,
    channels: info.inChannels,
    filters: info.outChannels,
  }
}

/** Whether each output element sees one input element only: a matrix product of the channels. */
function isPointwise({ rows, columns }: Geometry): boolean {
  return [rows, columns].every(
    ({ size, stride, before, length, places }) =>
      size === 1 && stride === 1 && before === 0 && length === places,
  )
}

/** Whether only one axis is convolved: then patches and one matrix product beat the runtime's convolution. */
function isSingleRow({ rows }: Geometry): boolean {
  return rows.length === 1 && rows.size === 1 && rows.before === 0 && rows.places === 1
}

/** The elements under each window, side by side: [batch · places, size · channels]. */
function patchRows(x: Value, { columns }: Geometry): Value {
  const wide = padded(x, [2], [columns])
  const taps = Array.from({ length: columns.size }, (_, j) => underOffset(wide, [2], [columns], [j]))
  return asRows(concat(taps, 3))
}

function outputShape({ batch, rows, columns, filters }: Geometry): number[] {
  return [batch, rows.places, columns.places, filters]
}

function inputShape({ batch, rows, columns, channels }: Geometry): number[] {
  return [batch, rows.length, columns.length, channels]
}

const TO_CHANNELS_FIRST = [0, 3, 1, 2]
const TO_CHANNELS_LAST = [0, 2, 3, 1]

/** Padding after the last element such that the windows just fit; negative where elements are left over. */
function padAfter({ length, places, size, stride, dilation, before }: Window): number {
  return (places - 1) * stride + (size - 1) * dilation + 1 - before - length
}

function convolve(x: Value, filter: Value, geometry: Geometry): Value {
  const { rows, columns, channels, filters } = geometry
  const shape = outputShape(geometry)
  if (isPointwise(geometry)) {
    return reshape(gemm(asRows(x), reshape(filter, [channels, filters]), false, false), shape)
  }
  if (isSingleRow(geometry)) {
    const matrix = reshape(filter, [columns.size * channels, filters])
    return reshape(gemm(patchRows(x, geometry), matrix, false, false), shape)
  }
  return convChannelsFirst(x, transpose(filter, [3, 2, 0, 1]), [rows, columns], filters)
}

/** ONNX's Conv with a kernel [filters, channels, height, width]. */
function convChannelsFirst(x: Value, kernel: Value, [rows, columns]: Window[], filters: number): Value {
  const shape = [x.shape[0], filters, rows.places, columns.places]
  const pads = [rows.before, columns.before, padAfter(rows), padAfter(columns)].map((n) => Math.max(0, n))
  const result = emit(
    'Conv',
    [transpose(x, TO_CHANNELS_FIRST), kernel],
    {
      kernel_shape: [rows.size, columns.size],
      strides: [rows.stride, columns.stride],
      dilations: [rows.dilation, columns.dilation],
      pads,
    },
    shape,
    'float32',
  )
  return transpose(result, TO_CHANNELS_LAST)
}

/** The gradient with respect to the input; also the forward pass of a transposed convolution. */
function convolveInput(dy: Value, filter: Value, geometry: Geometry): Value {
  const { rows, columns, batch, channels, filters } = geometry
  const shape = inputShape(geometry)
  const matrix = reshape(filter, [rows.size * columns.size * channels, filters])
  if (isPointwise(geometry)) return reshape(gemm(asRows(dy), matrix, false, true), shape)
  if (isSingleRow(geometry)) {
    const taps = reshape(gemm(asRows(dy), matrix, false, true), [
      batch,
      1,
      columns.places,
      columns.size * channels,
    ])
    const parts = Array.from({ length: columns.size }, (_, j) => narrow(taps, 3, j * channels, channels))
    return overlapAdd(parts, 2, columns)
  }
  if (rows.stride === 1 && columns.stride === 1) {
    // With stride 1 it is a convolution with the kernel turned around.
    const kernel = transpose(reverse(filter, [0, 1]), [2, 3, 0, 1])
    return convChannelsFirst(dy, kernel, [turned(rows), turned(columns)], channels)
  }
  const after = [padAfter(rows), padAfter(columns)]
  const result = emit(
    'ConvTranspose',
    [transpose(dy, TO_CHANNELS_FIRST), transpose(filter, [3, 2, 0, 1])],
    {
      kernel_shape: [rows.size, columns.size],
      strides: [rows.stride, columns.stride],
      dilations: [rows.dilation, columns.dilation],
      pads: [rows.before, columns.before, ...after.map((n) => Math.max(0, n))],
      output_padding: after.map((n) => Math.max(0, -n)),
    },
    [shape[0], channels, shape[1], shape[2]],
    'float32',
  )
  return transpose(result, TO_CHANNELS_LAST)
}

function turned({ length, places, size, dilation, before }: Window): Window {
  return {
    length: places,
    places: length,
    size,
    stride: 1,
    dilation,
    before: (size - 1) * dilation - before,
  }
}

/** Elements of shifted copies that are laid out at once, so that they stay in the cache; more are done in parts of the batch. */
const MOST_COPIES = 1 << 20

/** Nanoseconds, roughly, of a multiplication and addition in a large product, and of copying a number. */
const COST = { product: 0.02, copy: 0.6 }
/** Narrower matrices cost as much. */
const LEAST_SIDE = 8

/** Every way to lay the offsets of both axes out. */
const LAYOUTS = (['input', 'result'] as const).flatMap((down) =>
  (['input', 'result'] as const).map((across) => [down, across] as const),
)

/**
 * The gradient with respect to the filter, Σ x[p·stride + i − before]·dy[p] for the offset i, of both axes: one
 * product of tall matrices that holds all offsets, where for each axis either x or dy is copied once for each
 * offset. One axis each takes the fewest copies where channels and filters are about as many (a third of what
 * patches would take), both of the thinner one where they are not, and x where the stride leaves places out.
 */
function convolveFilter(x: Value, dy: Value, geometry: Geometry): Value {
  const { rows, columns, batch, channels, filters } = geometry
  if (isPointwise(geometry)) {
    const product = gemm(asRows(x), asRows(dy), true, false)
    return reshape(product, [rows.size, columns.size, channels, filters])
  }
  if (isSingleRow(geometry)) {
    const product = gemm(patchRows(x, geometry), asRows(dy), true, false)
    return reshape(product, [rows.size, columns.size, channels, filters])
  }
  const layouts = LAYOUTS.map((moves) => filterLayout(geometry, moves))
  const { down, across, positions, widths, heights, perImage } = layouts.reduce((best, other) =>
    other.cost < best.cost ? other : best,
  )
  const images = Math.max(1, Math.floor(MOST_COPIES / perImage))
  const products: Value[] = []
  for (let first = 0; first < batch; first += images) {
    const count = Math.min(images, batch - first)
    const [inputs, outputs] = [narrow(x, 0, first, count), narrow(dy, 0, first, count)]
    const tall = reshape(aligned(inputs, 'input', down, across), [count * positions, widths])
    const wide = reshape(aligned(outputs, 'result', down, across), [count * positions, heights])
    products.push(gemm(tall, wide, true, false))
  }
  const total = products.reduce((sum, product) => binary('Add', sum, product))
  const offsets = (tensor: 'input' | 'result') => [copiesOf(down, tensor), copiesOf(across, tensor)]
  const separate = reshape(total, [...offsets('input'), channels, ...offsets('result'), filters])
  return reshape(transpose(separate, [0, 3, 1, 4, 2, 5]), [rows.size, columns.size, channels, filters])
}

/** Sizes and cost of the filter's gradient where `moves` says what is copied for the offsets of each axis. */
function filterLayout(
  { rows, columns, channels, filters }: Geometry,
  [first, second]: (typeof LAYOUTS)[number],
) {
  const down = { window: rows, moves: first }
  const across = { window: columns, moves: second }
  const positions = positionsOf(down) * positionsOf(across)
  const widths = copiesOf(down, 'input') * copiesOf(across, 'input') * channels
  const heights = copiesOf(down, 'result') * copiesOf(across, 'result') * filters
  const copied = (widths > channels ? widths : 0) + (heights > filters ? heights : 0)
  const work = Math.max(widths, LEAST_SIDE) * Math.max(heights, LEAST_SIDE)
  return {
    down,
    across,
    positions,
    widths,
    heights,
    perImage: positions * (widths + heights),
    cost: positions * (COST.product * work + COST.copy * copied),
  }
}

export const convolutions: Lowerings = {
  Conv2D: ({ inputs: { x, filter }, attributes }: Call<tfjs.Conv2DAttrs>) =>
    convolve(x, filter, geometryOf(x.shape, filter.shape, attributes)),
  Conv2DBackpropInput: ({ inputs: { dy, filter }, attributes }: Call<tfjs.Conv2DBackpropInputAttrs>) =>
    convolveInput(dy, filter, geometryOf(attributes.inputShape, filter.shape, attributes)),
  Conv2DBackpropFilter: ({ inputs: { x, dy }, attributes }: Call<tfjs.Conv2DBackpropFilterAttrs>) =>
    convolveFilter(x, dy, geometryOf(x.shape, attributes.filterShape, attributes)),
  FusedConv2D: ({ inputs, attributes }: Call<tfjs.FusedConv2DAttrs>) => {
    const { x, filter, bias, preluActivationWeights } = inputs
    const convolved = convolve(x, filter, geometryOf(x.shape, filter.shape, attributes))
    const biased = bias === undefined || sizeOf(bias.shape) === 0 ? convolved : binary('Add', convolved, bias)
    return activation(attributes.activation, biased, preluActivationWeights, attributes.leakyreluAlpha)
  },
}
