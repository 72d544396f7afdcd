import { tf } from '../engine/tf.ts'
import { dropout } from './dropout.ts'
import { constant, normal } from './initializers.ts'
import { affine, linear, SMALL_NORMAL } from './linear.ts'
import type { ParameterScope, Parameters } from './parameter-scope.ts'

/** What an attention layer reads. */
export interface AttentionInputs {
  /** [B, T, channels], where the queries come from. */
  readonly query: tf.Tensor
  /** [B, S, channels], where keys and values come from; the query itself where absent. */
  readonly memory?: tf.Tensor
  /** Added to the scores, [T, S], 0 or −∞. */
  readonly mask?: tf.Tensor
  /** Uniform numbers for the dropout of the attention weights, [B, heads, T, S]. */
  readonly uniform?: tf.Tensor
}

/**
 * `torch.nn.MultiheadAttention` (Vaswani et al. 2017), with the packed `in_proj_weight` [3·channels,
 * channels] of queries, keys and values, initialised as in Diffusion Policy's transformer.
 *
 * @param rate dropout of the attention weights
 */
export function attention(
  scope: ParameterScope,
  channels: number,
  heads: number,
  rate: number,
): (parameters: Parameters, inputs: AttentionInputs) => tf.Tensor {
  const packed = scope.define('in_proj_weight', {
    stateShape: [3 * channels, channels],
    initial: normal(0.02),
  })
  const packedBias = scope.define('in_proj_bias', { stateShape: [3 * channels], initial: constant(0) })
  const output = linear(scope.child('out_proj'), channels, channels, SMALL_NORMAL)
  return (parameters, { query, memory, mask, uniform }) => {
    const weight = packed(parameters)
    const bias = packedBias(parameters)
    let parts: tf.Tensor[]
    if (memory === undefined) {
      parts = tf.split(affine(query, weight, bias), 3, 2)
    } else {
      const sizes = [channels, 2 * channels]
      const [queryWeight, memoryWeight] = tf.split(weight, sizes, 0)
      const [queryBias, memoryBias] = tf.split(bias, sizes, 0)
      const keysAndValues = affine(memory, memoryWeight, memoryBias)
      parts = [affine(query, queryWeight, queryBias), ...tf.split(keysAndValues, 2, 2)]
    }
    const [q, k, v] = parts
    return output(parameters, attend(q, k, v, heads, { mask, rate, uniform }))
  }
}

/** What {@link attend} may do besides. */
export interface AttendOptions {
  /** Added to the scores, [T, S], 0 or −∞. */
  readonly mask?: tf.Tensor
  /** Dropout of the attention weights. */
  readonly rate?: number
  /** Uniform numbers for that dropout, [B, heads, T, S]. */
  readonly uniform?: tf.Tensor
}

/**
 * Scaled dot-product attention in `heads` heads, which lie side by side in the channels (Vaswani et al. 2017).
 *
 * @param query [B, T, channels]
 * @param key [B, S, channels]
 * @param value [B, S, channels]
 * @returns [B, T, channels]
 */
export function attend(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  heads: number,
  { mask, rate = 0, uniform }: AttendOptions = {},
): tf.Tensor {
  const width = query.shape[2]! / heads
  /** [B, T, channels] → [B, heads, T, width]. */
  const split = (values: tf.Tensor) => {
    const [batch, time] = values.shape
    return tf.transpose(tf.reshape(values, [batch, time!, heads, width]), [0, 2, 1, 3])
  }
  const scores = tf.matMul(tf.mul(split(query), 1 / Math.sqrt(width)), split(key), false, true)
  const masked = mask === undefined ? scores : tf.add(scores, mask)
  const weights = dropout(tf.softmax(masked), rate, uniform)
  return tf.reshape(tf.transpose(tf.matMul(weights, split(value)), [0, 2, 1, 3]), query.shape)
}
