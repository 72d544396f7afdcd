import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'
import { constant } from './initializers.ts'
import type { Layer } from './linear.ts'
import type { ParameterScope } from './parameter-scope.ts'

/** PyTorch's default. */
const EPSILON = 1e-5

/** `torch.nn.LayerNorm` over the last axis, [..., channels] (Ba et al. 2016). */
export function layerNorm(scope: ParameterScope, channels: number, epsilon = EPSILON): Layer {
  const weight = scope.define('weight', { stateShape: [channels], initial: constant(1) })
  const bias = scope.define('bias', { stateShape: [channels], initial: constant(0) })
  return (parameters, input) => normalizeRows(input, weight(parameters), bias(parameters), epsilon)
}

/** input [..., C], weight [C], bias [C]. */
function normalizeRows(input: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, epsilon: number): tf.Tensor {
  const channels = weight.shape[0]
  const meanOf = (values: tf.Tensor) => tf.mul(tf.sum(values, 1, true), 1 / channels)
  return withGradient<tf.Tensor>(
    [input, weight, bias],
    ([x, w, b]) => {
      const rows = tf.reshape(x, [-1, channels])
      const centred = tf.sub(rows, meanOf(rows))
      const inverse = tf.rsqrt(tf.add(meanOf(tf.mul(centred, centred)), epsilon))
      const normal = tf.mul(centred, inverse)
      const value = tf.reshape(tf.add(tf.mul(normal, w), b), input.shape)
      return { value, saved: [normal, inverse, w] }
    },
    (gradient, [normal, inverse, w]) => {
      const rows = tf.reshape(gradient, [-1, channels])
      const correlation = tf.mul(rows, normal)
      const scaled = tf.mul(rows, w)
      const projection = tf.mul(normal, meanOf(tf.mul(correlation, w)))
      const toInput = tf.mul(tf.sub(tf.sub(scaled, meanOf(scaled)), projection), inverse)
      return [tf.reshape(toInput, input.shape), tf.sum(correlation, 0), tf.sum(rows, 0)]
    },
  )
}
