import { binary, concat, gather, pad, reshape, slice, uniform } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { constantValue } from '../../graph/value.ts'
import { sizeOf } from '../../tensor.ts'
import { narrow } from './shape.ts'

/** How a window moves along one axis. */
export interface Window {
  /** Elements of the axis. */
  readonly length: number
  /** Places that the window takes. */
  readonly places: number
  /** Offsets within the window. */
  readonly size: number
  readonly stride: number
  readonly dilation: number
  /** Padding before the first element. */
  readonly before: number
}

/** Elements of the padded axis that some window reaches, or that exist. */
function paddedLength({ length, places, size, stride, dilation, before }: Window): number {
  return Math.max(before + length, (places - 1) * stride + (size - 1) * dilation + 1)
}

/** The input with as much padding as its windows reach over; `fill` is the padding's value. */
export function padded(x: Value, axes: readonly number[], windows: readonly Window[], fill = 0): Value {
  const before = x.shape.map(() => 0)
  const after = x.shape.map(() => 0)
  for (const [i, axis] of axes.entries()) {
    before[axis] = windows[i].before
    after[axis] = paddedLength(windows[i]) - windows[i].before - windows[i].length
  }
  return pad(x, before, after, 'constant', fill)
}

/** What lies under one offset of the windows, of a {@link padded} input. */
export function underOffset(
  x: Value,
  axes: readonly number[],
  windows: readonly Window[],
  offset: readonly number[],
): Value {
  const begin = x.shape.map(() => 0)
  const size = [...x.shape]
  const strides = x.shape.map(() => 1)
  for (const [i, axis] of axes.entries()) {
    begin[axis] = offset[i] * windows[i].dilation
    size[axis] = windows[i].places
    strides[axis] = windows[i].stride
  }
  return slice(x, begin, size, strides)
}

/** How the offsets of one axis' windows are laid out for a product over positions: by shifting the input or the result. */
export interface Alignment {
  readonly window: Window
  /** Whether the input is copied for each offset, so that positions are places; else the result is, and they are elements. */
  readonly moves: 'input' | 'result'
}

/** Positions along an axis that a product runs over. */
export function positionsOf({ window, moves }: Alignment): number {
  return moves === 'input' ? window.places : window.length
}

/** Offsets along an axis for which a tensor is copied. */
export function copiesOf({ window, moves }: Alignment, tensor: 'input' | 'result'): number {
  return moves === tensor ? window.size : 1
}

/**
 * A convolution's input, [batch, height, width, channels], or its result, copied for each offset of the windows
 * that moves it and laid out so that position by position the two belong together, with zeros where there is
 * nothing: [batch, positions, positions, offsets · offsets · channels].
 */
export function aligned(x: Value, tensor: 'input' | 'result', rows: Alignment, columns: Alignment): Value {
  const along = (axis: Alignment) => {
    const { length: _, ...window } = axis.window
    const copies = copiesOf(axis, tensor)
    return Array.from({ length: positionsOf(axis) }, (_, position) =>
      Array.from({ length: copies }, (_, offset) => {
        if (axis.moves !== tensor) return position
        const shift = offset * window.dilation - window.before
        return tensor === 'input' ? position * window.stride + shift : (position - shift) / window.stride
      }),
    )
  }
  const [down, across] = [along(rows), along(columns)]
  const shape = [down.length, across.length, down[0].length * across[0].length]
  if (shape[2] === 1) return x
  const sources = down.flatMap((ys) =>
    across.flatMap((xs) => ys.flatMap((y) => xs.map((column): [number, number] => [y, column]))),
  )
  return gatherPositions(x, sources, shape)
}

/** Whole rows of channels of [batch, height, width, channels], zeros outside: [batch, ...shape, channels]. */
function gatherPositions(
  x: Value,
  sources: readonly (readonly [number, number])[],
  shape: readonly number[],
): Value {
  const [batch, height, width, channels] = x.shape
  const outside = height * width
  const within = (at: number, length: number) => Number.isInteger(at) && at >= 0 && at < length
  const flat = sources.map(([row, column]) =>
    within(row, height) && within(column, width) ? row * width + column : outside,
  )
  const positions = reshape(x, [batch, outside, channels])
  const reads = flat.includes(outside) ? pad(positions, [0, 0, 0], [0, 1, 0]) : positions
  return gather(reads, constantValue(Int32Array.from(flat), { shape, dtype: 'int32' }, false), 1)
}

/** Every offset of windows along two axes, row by row. */
export function offsetsOf(windows: readonly Window[]): number[][] {
  return windows.reduce<number[][]>(
    (all, { size }) => all.flatMap((offset) => Array.from({ length: size }, (_, i) => [...offset, i])),
    [[]],
  )
}

/**
 * The opposite of {@link underOffset} along one axis: adds each part where its offset lies, and drops what
 * falls on padding. `parts[j]` has `places` elements along the axis.
 */
export function overlapAdd(parts: readonly Value[], axis: number, window: Window): Value {
  const { length, places, stride, dilation, before } = window
  if (stride === 1) {
    return sum(
      parts.map((part, j) => {
        const start = j * dilation - before
        return shifted(part, axis, start, length - places - start)
      }),
    )
  }
  // Element s·u + p of the padded axis is element u of phase p.
  const units = Math.ceil(paddedLength(window) / stride)
  const phases = Array.from({ length: stride }, (_, phase) => {
    const own: Value[] = []
    for (const [j, part] of parts.entries()) {
      const position = j * dilation
      if (position % stride !== phase) continue
      const start = Math.floor(position / stride)
      own.push(shifted(part, axis, start, units - places - start))
    }
    const shape = parts[0].shape.map((n, i) => (i === axis ? units : n))
    const total = own.length > 0 ? sum(own) : uniform(0, shape, parts[0].dtype)
    return reshape(total, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)])
  })
  const woven = concat(phases, axis + 1)
  const shape = parts[0].shape.map((n, i) => (i === axis ? units * stride : n))
  return narrow(reshape(woven, shape), axis, before, length)
}

function shifted(x: Value, axis: number, before: number, after: number): Value {
  const cropped = narrow(
    x,
    axis,
    Math.max(0, -before),
    x.shape[axis] + Math.min(0, before) + Math.min(0, after),
  )
  return pad(
    cropped,
    x.shape.map((_, i) => (i === axis ? Math.max(0, before) : 0)),
    x.shape.map((_, i) => (i === axis ? Math.max(0, after) : 0)),
  )
}

function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => binary('Add', total, value))
}

/** All dimensions but the last as one. */
export function asRows(x: Value): Value {
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]])
}
