import { tf } from '../engine/tf.ts'
import { fanInUniform, type Initializer } from './initializers.ts'
import { affine, type Layer } from './linear.ts'
import type { ParameterScope } from './parameter-scope.ts'

/** Zeros beside an image: as many on every side, or `[[top, bottom], [left, right]]`. */
export type Padding2d = number | readonly [readonly [number, number], readonly [number, number]]

/** Channels and window of a convolution; stride 1, and padding that keeps the size of odd kernels, where absent. */
export interface Conv2dOptions {
  readonly inputs: number
  readonly outputs: number
  /** Height and width of the window. */
  readonly kernel: number
  readonly stride?: number
  readonly padding?: Padding2d
  /** How the weight starts; PyTorch's default where absent. */
  readonly weight?: Initializer
  /** How the bias starts; PyTorch's default where absent. */
  readonly bias?: Initializer
}

/**
 * `torch.nn.Conv2d` over channel-last images, [B, H, W, inputs] → [B, H′, W′, outputs]. PyTorch's weight
 * [O, I, k, k] is stored as [k, k, I, O], as tfjs has it. How it is computed is the engine's choice.
 */
export function conv2d(scope: ParameterScope, options: Conv2dOptions): Layer {
  const { inputs, outputs, kernel, stride = 1 } = options
  const padding = explicit(options.padding ?? Math.floor((kernel - 1) / 2))
  const standard = fanInUniform(inputs * kernel * kernel)
  const weight = scope.define('weight', {
    stateShape: [outputs, inputs, kernel, kernel],
    order: [2, 3, 1, 0],
    initial: options.weight ?? standard,
  })
  const bias = scope.define('bias', { stateShape: [outputs], initial: options.bias ?? standard })
  return (parameters, input) => {
    const filter = weight(parameters) as tf.Tensor4D
    const images = input as tf.Tensor4D
    const convolved = tf.conv2d(images, filter, stride, padding, 'NHWC', 1, 'floor')
    return tf.add(convolved, bias(parameters))
  }
}

/**
 * A convolution of single pixels: `torch.nn.Conv2d` or `Conv1d` with a kernel of 1, as a linear layer over the
 * last axis, [..., inputs] → [..., outputs].
 *
 * @param dimensions 2 where PyTorch's weight is [O, I, 1, 1], 1 where it is [O, I, 1]
 */
export function pointwise(
  scope: ParameterScope,
  { inputs, outputs, weight, bias }: Pick<Conv2dOptions, 'inputs' | 'outputs' | 'weight' | 'bias'>,
  dimensions: 1 | 2 = 2,
): Layer {
  const standard = fanInUniform(inputs)
  const kernel = scope.define('weight', {
    stateShape: [outputs, inputs, ...Array<number>(dimensions).fill(1)],
    initial: weight ?? standard,
  })
  const shift = scope.define('bias', { stateShape: [outputs], initial: bias ?? standard })
  return (parameters, input) =>
    affine(input, tf.reshape(kernel(parameters), [outputs, inputs]), shift(parameters))
}

type Explicit = [[number, number], [number, number], [number, number], [number, number]]

/** Padding of all four axes, as tfjs wants it. */
function explicit(padding: Padding2d): Explicit {
  const [rows, columns] =
    typeof padding === 'number'
      ? [
          [padding, padding],
          [padding, padding],
        ]
      : padding
  return [
    [0, 0],
    [rows[0], rows[1]],
    [columns[0], columns[1]],
    [0, 0],
  ]
}
