import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'
import { fanInUniform } from './initializers.ts'
import type { Layer } from './linear.ts'
import type { ParameterScope } from './parameter-scope.ts'
import { convolutionTaps, gatherTaps, type Taps, transposedTaps, type Window } from './taps.ts'

/** Channels and window of a convolution; stride 1 and no padding where absent. */
export interface Conv1dOptions {
  readonly inputs: number
  readonly outputs: number
  readonly kernel: number
  readonly stride?: number
  readonly padding?: number
}

/**
 * `torch.nn.Conv1d` over channel-last tensors, [B, T, inputs] → [B, T′, outputs]. PyTorch's weight
 * [O, I, k] is stored as [O, k, I], so that it is the right side of a matrix product as it lies.
 */
export function conv1d(scope: ParameterScope, options: Conv1dOptions): Layer {
  const { inputs, outputs, kernel } = options
  const initial = fanInUniform(inputs * kernel)
  const weight = scope.define('weight', { stateShape: [outputs, inputs, kernel], order: [0, 2, 1], initial })
  const bias = scope.define('bias', { stateShape: [outputs], initial })
  const window = windowOf(options)
  return (parameters, input) => {
    const forward = convolutionTaps(input.shape[1]!, window)
    const adjoint = transposedTaps(forward.outputs, window, forward.inputs)
    return convolve(input as tf.Tensor3D, weight(parameters), bias(parameters), forward, adjoint)
  }
}

/**
 * `torch.nn.ConvTranspose1d` over channel-last tensors, [B, T, inputs] → [B, T′, outputs]. PyTorch's weight
 * [I, O, k] is stored as [O, k, I].
 */
export function transposedConv1d(scope: ParameterScope, options: Conv1dOptions): Layer {
  const { inputs, outputs, kernel } = options
  // PyTorch takes the second axis of the weight for the fan-in, whatever the direction of the layer.
  const initial = fanInUniform(outputs * kernel)
  const weight = scope.define('weight', { stateShape: [inputs, outputs, kernel], order: [1, 2, 0], initial })
  const bias = scope.define('bias', { stateShape: [outputs], initial })
  const window = windowOf(options)
  return (parameters, input) => {
    const forward = transposedTaps(input.shape[1]!, window)
    const adjoint = convolutionTaps(forward.outputs, window)
    return convolve(input as tf.Tensor3D, weight(parameters), bias(parameters), forward, adjoint)
  }
}

function windowOf({ kernel, stride = 1, padding = 0 }: Conv1dOptions): Window {
  return { kernel, stride, padding }
}

/**
 * A convolution as a gather and a matrix product, and its gradient as one more gather and two matrix
 * products: both the gradient of the input and that of the filter read the gathered output gradient, so the
 * gathered input need not be kept for the backward pass.
 *
 * @param input [B, T, I]
 * @param weight [O, k, I]
 * @param bias [O]
 * @param adjoint the table of the transposed map, with the same taps
 */
function convolve(
  input: tf.Tensor3D,
  weight: tf.Tensor,
  bias: tf.Tensor,
  taps: Taps,
  adjoint: Taps,
): tf.Tensor {
  const [outputs, kernel, inputs] = weight.shape
  const batch = input.shape[0]
  return withGradient<tf.Tensor>(
    [input, weight, bias],
    ([x, w, b]) => {
      const filter = tf.reshape(w, [outputs, kernel * inputs])
      const columns = gatherTaps(x as tf.Tensor3D, taps)
      const product = tf.fused.matMul({ a: columns, b: filter, transposeB: true, bias: b })
      return { value: tf.reshape(product, [batch, taps.outputs, outputs]), saved: [x, w] }
    },
    (gradient, [x, w]) => {
      const columns = gatherTaps(gradient as tf.Tensor3D, adjoint)
      const positions = tf.reshape(x, [batch * taps.inputs, inputs])
      const toInput = tf.reshape(swapLeading(w), [kernel * outputs, inputs])
      const filter = tf.reshape(tf.matMul(columns, positions, true, false), [kernel, outputs, inputs])
      return [
        tf.reshape(tf.matMul(columns, toInput), input.shape),
        swapLeading(filter),
        tf.sum(tf.reshape(gradient, [-1, outputs]), 0),
      ]
    },
  )
}

/** [a, b, c] → [b, a, c], a copy of whole rows. */
function swapLeading(tensor: tf.Tensor): tf.Tensor {
  return tensor.shape[0] === 1 || tensor.shape[1] === 1
    ? tf.reshape(tensor, [tensor.shape[1]!, tensor.shape[0], tensor.shape[2]!])
    : tf.transpose(tensor, [1, 0, 2])
}
