import { tf } from '../engine/tf.ts'

/**
 * Which input position each tap of a one-dimensional convolution reads: output position p, tap j reads input
 * position `sources[p · taps + j]`, or zero where that is `inputs` (one past the end). Strided, padded and
 * transposed convolutions differ in this table only, and the table of a convolution's adjoint is that of
 * its transposed convolution.
 */
export interface Taps {
  readonly taps: number
  readonly inputs: number
  readonly outputs: number
  readonly sources: Int32Array
}

/** Kernel width, stride and zero padding at each end, in positions. */
export interface Window {
  readonly kernel: number
  readonly stride: number
  readonly padding: number
}

/** Taps of a convolution over `inputs` positions: tap j of output p reads p · stride + j − padding. */
export function convolutionTaps(inputs: number, { kernel, stride, padding }: Window): Taps {
  const outputs = Math.floor((inputs + 2 * padding - kernel) / stride) + 1
  return table(kernel, inputs, outputs, (output, tap) => output * stride + tap - padding)
}

/** Taps of a transposed convolution, which the adjoint of {@link convolutionTaps} with the same window is. */
export function transposedTaps(inputs: number, window: Window, outputs?: number): Taps {
  const { kernel, stride, padding } = window
  const count = outputs ?? (inputs - 1) * stride - 2 * padding + kernel
  return table(kernel, inputs, count, (output, tap) => (output + padding - tap) / stride)
}

/**
 * Lays the inputs of each output position side by side ("im2col"): [B, inputs, C] → [B · outputs, taps · C],
 * so that a convolution is one matrix product. One `Gather` copies whole rows of channels, which is about
 * five times as fast as slicing and concatenating.
 */
export function gatherTaps(input: tf.Tensor3D, { taps, inputs, outputs, sources }: Taps): tf.Tensor2D {
  const [batch, , channels] = input.shape
  const columns: [number, number] = [batch * outputs, taps * channels]
  if (isIdentity(sources, inputs)) return tf.reshape(input, columns)
  const reads = sources.includes(inputs)
    ? tf.pad(input, [
        [0, 0],
        [0, 1],
        [0, 0],
      ])
    : input
  return tf.reshape(tf.gather(reads, tf.tensor1d(sources, 'int32'), 1), columns)
}

function table(
  taps: number,
  inputs: number,
  outputs: number,
  source: (output: number, tap: number) => number,
): Taps {
  const sources = new Int32Array(outputs * taps)
  for (let output = 0; output < outputs; output++) {
    for (let tap = 0; tap < taps; tap++) {
      const position = source(output, tap)
      const exists = Number.isInteger(position) && position >= 0 && position < inputs
      sources[output * taps + tap] = exists ? position : inputs
    }
  }
  return { taps, inputs, outputs, sources }
}

function isIdentity(sources: Int32Array, inputs: number): boolean {
  return sources.length === inputs && sources.every((source, index) => source === index)
}
