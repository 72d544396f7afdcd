import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'
import { constant } from './initializers.ts'
import type { Layer } from './linear.ts'
import type { ParameterScope } from './parameter-scope.ts'

/**
 * `torch.nn.GroupNorm` over channel-last tensors, [B, T, channels] or [B, H, W, channels] (Wu and He 2018):
 * each group of channels/groups channels is normalised over its channels and all of time or space.
 *
 * @param epsilon added to the variance; PyTorch's default where absent
 */
export function groupNorm(scope: ParameterScope, groups: number, channels: number, epsilon = 1e-5): Layer {
  const weight = scope.define('weight', { stateShape: [channels], initial: constant(1) })
  const bias = scope.define('bias', { stateShape: [channels], initial: constant(0) })
  return (parameters, input) => {
    const places = tf.reshape(input, [input.shape[0], -1, channels])
    const normalize = places.size <= FEW ? normalizeFew : normalizeMany
    return tf.reshape(normalize(places, weight(parameters), bias(parameters), groups, epsilon), input.shape)
  }
}

/** Elements up to which a tensor costs its number of operations rather than its size. */
const FEW = 1 << 13

/**
 * The groups an axis of their own, and sums over two axes at once: half as many operations as
 * {@link normalizeMany}, each of which reads a large tensor badly.
 *
 * @param input [B, T, C]
 * @param weight [C]
 * @param bias [C]
 */
function normalizeFew(
  input: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  groups: number,
  epsilon: number,
): tf.Tensor {
  const [batch, time, channels] = input.shape as [number, number, number]
  const perChannel = (values: tf.Tensor) => tf.reshape(values, [1, 1, groups, channels / groups])
  const x = tf.reshape(input, [batch, time, groups, channels / groups])
  const centred = tf.sub(x, tf.mean(x, [1, 3], true))
  const variance = tf.mean(tf.mul(centred, centred), [1, 3], true)
  const scale = tf.mul(perChannel(weight), tf.rsqrt(tf.add(variance, epsilon)))
  return tf.add(tf.mul(centred, scale), perChannel(bias))
}

/**
 * Sums run over time first, where they add whole rows of channels, and over the few channels of a group
 * last, on what is small by then. What varies by sample and channel only is combined before it meets the
 * large tensors: three passes over them normalise, and four carry the gradient back, sums aside.
 *
 * @param input [B, T, C]
 * @param weight [C]
 * @param bias [C]
 */
function normalizeMany(
  input: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  groups: number,
  epsilon: number,
): tf.Tensor {
  const [batch, time, channels] = input.shape as [number, number, number]
  const width = channels / groups
  const grouped = [batch, groups, width]
  const rows = [batch, 1, channels]
  /** Makes [B, groups, 1] into [B, 1, C], times `factor` [1, groups or 1, width]. */
  const spread = (values: tf.Tensor, factor: tf.Tensor) => tf.reshape(tf.mul(values, factor), rows)
  const groupSum = (values: tf.Tensor) => tf.sum(tf.reshape(values, grouped), 2, true)
  const ones = (value: number) => tf.fill([1, 1, width], value)
  const share = 1 / (time * width)

  return withGradient<tf.Tensor>(
    [input, weight, bias],
    ([x, w, b]) => {
      const mean = spread(groupSum(tf.sum(x, 1)), ones(share))
      const centred = tf.sub(x, mean)
      const variance = tf.mul(groupSum(tf.sum(tf.mul(centred, centred), 1)), share)
      const inverse = tf.rsqrt(tf.add(variance, epsilon))
      const scale = spread(inverse, tf.reshape(w, [1, groups, width]))
      return { value: tf.add(tf.mul(centred, scale), b), saved: [centred, inverse, scale, w] }
    },
    (gradient, [centred, inverse, scale, w]) => {
      const bySample = tf.sum(gradient, 1)
      const correlation = tf.sum(tf.mul(gradient, centred), 1)
      const inverseRows = tf.reshape(spread(inverse, ones(1)), [batch, channels])
      const cubed = tf.mul(tf.mul(inverse, inverse), inverse)
      const shift = spread(tf.mul(inverse, groupSum(tf.mul(bySample, w))), ones(-share))
      const slope = spread(tf.mul(cubed, groupSum(tf.mul(correlation, w))), ones(-share))
      return [
        tf.add(tf.add(tf.mul(gradient, scale), tf.mul(centred, slope)), shift),
        tf.sum(tf.mul(correlation, inverseRows), 0),
        tf.sum(bySample, 0),
      ]
    },
  )
}
