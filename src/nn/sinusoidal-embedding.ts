import { tf } from '../engine/tf.ts'

/**
 * The sines, then the cosines, of time at geometrically spaced frequencies from 1 to 1/10,000, as Diffusion
 * Policy's `SinusoidalPosEmb` (after Vaswani et al. 2017): [B] → [B, width].
 *
 * @param width even, at least 4
 */
export function sinusoidalEmbedding(time: tf.Tensor, width: number): tf.Tensor2D {
  const half = width / 2
  // Rounded to float32 where PyTorch rounds: at time 99 a double would differ in the fifth digit.
  const rate = Math.fround(-Math.log(10000) / (half - 1))
  const frequencies = Float32Array.from({ length: half }, (_, i) => Math.exp(Math.fround(i * rate)))
  const angles = tf.mul(tf.reshape(time, [-1, 1]), tf.tensor2d(frequencies, [1, half]))
  return tf.concat([tf.sin(angles), tf.cos(angles)], 1) as tf.Tensor2D
}
