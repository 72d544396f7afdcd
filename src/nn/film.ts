import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'

/**
 * Feature-wise linear modulation (Perez et al. 2018): scale · input + shift, the same at all times.
 *
 * @param input [B, T, C]
 * @param embedding [B, 2C], the scales first, or [B, C], shifts only
 */
export function film(input: tf.Tensor, embedding: tf.Tensor): tf.Tensor {
  const [batch, , channels] = input.shape as [number, number, number]
  if (embedding.shape[1] === channels) return tf.add(input, tf.reshape(embedding, [batch, 1, channels]))
  const half = (values: tf.Tensor, index: number) =>
    tf.reshape(tf.slice(values as tf.Tensor2D, [0, index * channels], [batch, channels]), [
      batch,
      1,
      channels,
    ])
  return withGradient<tf.Tensor>(
    [input, embedding],
    ([x, e]) => {
      const scale = half(e, 0)
      return { value: tf.add(tf.mul(x, scale), half(e, 1)), saved: [x, scale] }
    },
    (gradient, [x, scale]) => [
      tf.mul(gradient, scale),
      tf.concat([tf.sum(tf.mul(gradient, x), 1), tf.sum(gradient, 1)], 1),
    ],
  )
}
