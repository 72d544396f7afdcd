import { tf } from '../engine/tf.ts'
import { silu } from '../nn/activations.ts'
import { conv2d, pointwise } from '../nn/conv2d.ts'
import { groupNorm } from '../nn/group-norm.ts'
import { type Layer, linear } from '../nn/linear.ts'
import type { ParameterScope, Parameters } from '../nn/parameter-scope.ts'
import { upsample } from '../nn/resample.ts'

/** Sizes of a {@link resnetBlock}. */
export interface ResnetOptions {
  readonly inputs: number
  readonly outputs: number
  readonly groups: number
  readonly epsilon: number
  /** Width of the embedding of time that shifts the features; no shift where absent. */
  readonly embedding?: number
  /** Divides the sum of both branches; 1 by default. */
  readonly scale?: number
}

/** [B, H, W, inputs] and the embedding of time after its SiLU, [B, embedding] → [B, H, W, outputs]. */
export type ResnetBlock = (parameters: Parameters, input: tf.Tensor, embedding?: tf.Tensor) => tf.Tensor

/** diffusers' `ResnetBlock2D`: norm, SiLU, convolution, shift by time, and the first three again. */
export function resnetBlock(scope: ParameterScope, options: ResnetOptions): ResnetBlock {
  const { inputs, outputs, groups, epsilon, embedding: width, scale = 1 } = options
  const norm1 = groupNorm(scope.child('norm1'), groups, inputs, epsilon)
  const conv1 = conv2d(scope.child('conv1'), { inputs, outputs, kernel: 3 })
  const project = width === undefined ? undefined : linear(scope.child('time_emb_proj'), width, outputs)
  const norm2 = groupNorm(scope.child('norm2'), groups, outputs, epsilon)
  const conv2 = conv2d(scope.child('conv2'), { inputs: outputs, outputs, kernel: 3 })
  const shortcut: Layer =
    inputs === outputs ? (_, x) => x : pointwise(scope.child('conv_shortcut'), { inputs, outputs })
  return (parameters, input, embedding) => {
    let x = conv1(parameters, silu(norm1(parameters, input)))
    if (project && embedding) {
      x = tf.add(x, tf.reshape(project(parameters, embedding), [input.shape[0], 1, 1, outputs]))
    }
    x = conv2(parameters, silu(norm2(parameters, x)))
    const sum = tf.add(shortcut(parameters, input), x)
    return scale === 1 ? sum : tf.mul(sum, 1 / scale)
  }
}

/** diffusers' `Upsample2D`: twice the height and width, then a convolution named `conv`. */
export function upsampler(scope: ParameterScope, channels: number): Layer {
  const conv = conv2d(scope.child('conv'), { inputs: channels, outputs: channels, kernel: 3 })
  return (parameters, input) => conv(parameters, upsample(input))
}
