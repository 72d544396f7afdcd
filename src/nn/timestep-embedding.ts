import { tf } from '../engine/tf.ts'

/** How {@link timestepEmbedding} lays out its waves. */
export interface TimestepEmbeddingOptions {
  /** The cosines first; the sines where absent. */
  readonly cosinesFirst?: boolean
  /** Frequencies fall to 10,000^(−(n−1)/(n−shift)) for n = width/2; 0 by default. */
  readonly shift?: number
}

/**
 * Sines and cosines of time at geometrically spaced frequencies from 1 down, as diffusers' `Timesteps`: [B] →
 * [B, width].
 *
 * @param width even, at least 4
 */
export function timestepEmbedding(
  time: tf.Tensor,
  width: number,
  { cosinesFirst = false, shift = 0 }: TimestepEmbeddingOptions = {},
): tf.Tensor2D {
  const half = width / 2
  // Rounded to float32 where PyTorch rounds: times of a thousand magnify the difference.
  const frequencies = Float32Array.from({ length: half }, (_, i) =>
    Math.exp(Math.fround(Math.fround(-Math.log(10000) * i) / (half - shift))),
  )
  const angles = tf.mul(tf.reshape(time, [-1, 1]), tf.tensor2d(frequencies, [1, half]))
  const waves = [tf.sin(angles), tf.cos(angles)]
  return tf.concat(cosinesFirst ? waves.reverse() : waves, 1) as tf.Tensor2D
}
