/** Average and maximum pooling of [batch, height, width, channels], and their gradients. */

import { binary, cast, emit, scalar, transpose, unary } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { tf, type tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import type { Window } from './patches.ts'
import { offsetsOf, overlapAdd, padded, underOffset } from './patches.ts'

type Call<A> = KernelCall<A>
type Shape4 = [number, number, number, number]
type PoolAttributes = Pick<tfjs.MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>

function windowsOf(x: Value, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Window[] {
  const info = tf.backend_util.computePool2DInfo(
    [...x.shape] as Shape4,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  )
  return [
    {
      length: info.inHeight,
      places: info.outHeight,
      size: info.filterHeight,
      stride: info.strideHeight,
      dilation: 1,
      before: info.padInfo.top,
    },
    {
      length: info.inWidth,
      places: info.outWidth,
      size: info.filterWidth,
      stride: info.strideWidth,
      dilation: 1,
      before: info.padInfo.left,
    },
  ]
}

function pool(op: string, x: Value, windows: readonly Window[]): Value {
  const after = windows.map(({ length, places, size, stride, before }) =>
    Math.max(0, (places - 1) * stride + size - before - length),
  )
  const result = emit(
    op,
    [transpose(cast(x, 'float32'), [0, 3, 1, 2])],
    {
      kernel_shape: windows.map(({ size }) => size),
      strides: windows.map(({ stride }) => stride),
      pads: [...windows.map(({ before }) => before), ...after],
    },
    [x.shape[0], x.shape[3], windows[0].places, windows[1].places],
    'float32',
  )
  return transpose(result, [0, 2, 3, 1])
}

/** Sends the part of each offset back to where it came from. */
function scatter(windows: readonly Window[], part: (offset: readonly number[]) => Value): Value {
  const [rows, columns] = windows
  const parts = Array.from({ length: rows.size }, (_, i) => {
    const row = Array.from({ length: columns.size }, (_, j) => part([i, j]))
    return overlapAdd(row, 2, columns)
  })
  return overlapAdd(parts, 1, rows)
}

/** The gradient flows to the first greatest element of each window. */
function maxPoolGradient(dy: Value, x: Value, y: Value, windows: readonly Window[]): Value {
  const wide = padded(x, [1, 2], windows, -3.4028234663852886e38)
  const masks = new Map<string, Value>()
  let free: Value | undefined
  for (const offset of offsetsOf(windows)) {
    const equal = binary('Equal', underOffset(wide, [1, 2], windows, offset), y, 'bool')
    const first: Value = free === undefined ? equal : binary('And', equal, free, 'bool')
    const not = unary('Not', first)
    free = free === undefined ? not : binary('And', free, not, 'bool')
    masks.set(offset.join(), first)
  }
  return scatter(windows, (offset) => {
    const mask = masks.get(offset.join())
    if (mask === undefined) throw new Error(`No mask for offset ${offset}.`)
    return binary('Mul', dy, cast(mask, 'float32'))
  })
}

export const pools: Lowerings = {
  MaxPool: ({ inputs: { x }, attributes }: Call<tfjs.MaxPoolAttrs>) =>
    pool('MaxPool', x, windowsOf(x, attributes)),
  AvgPool: ({ inputs: { x }, attributes }: Call<tfjs.AvgPoolAttrs>) =>
    pool('AveragePool', x, windowsOf(x, attributes)),
  MaxPoolGrad: ({ inputs, attributes }: Call<PoolAttributes>) => {
    const { dy, input, output } = inputs
    return maxPoolGradient(dy, input, output, windowsOf(input, attributes))
  },
  // As in tfjs, every window counts all of its places, padding too.
  AvgPoolGrad: ({ inputs: { dy, input }, attributes }: Call<PoolAttributes>) => {
    const windows = windowsOf(input, attributes)
    const share = binary('Mul', dy, scalar(1 / (windows[0].size * windows[1].size)))
    return scatter(windows, () => share)
  },
}
