import { tf } from '../engine/tf.ts'

/**
 * Inverted dropout (Srivastava et al. 2014): keeps an element where its uniform number is at least `rate` and
 * divides it by 1 − rate, else makes it 0. Without `uniform` it returns the input, as in evaluation.
 *
 * @param uniform numbers in [0, 1), shaped as the input
 */
export function dropout(input: tf.Tensor, rate: number, uniform: tf.Tensor | undefined): tf.Tensor {
  if (rate === 0 || uniform === undefined) return input
  const keep = tf.cast(tf.greaterEqual(uniform, rate), 'float32')
  return tf.mul(input, tf.mul(keep, 1 / (1 - rate)))
}
