import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'

/**
 * Repeats every pixel in both directions, [B, H, W, C] → [B, 2H, 2W, C]: `F.interpolate(scale_factor=2,
 * mode="nearest")`. The gradient is written out because tfjs' CPU kernel for it goes wrong beyond one image.
 */
export function upsample(images: tf.Tensor): tf.Tensor {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  return withGradient<tf.Tensor>(
    [images],
    ([x]) => ({
      value: tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2 * height, 2 * width]),
      saved: [],
    }),
    (gradient) => {
      const squares = tf.reshape(gradient, [batch, height, 2, width, 2, channels])
      // One axis at a time, which the runtime sums fastest.
      return [tf.sum(tf.sum(squares, 2), 3)]
    },
  )
}

/** Averages squares of four pixels, [B, H, W, C] → [B, ⌊H/2⌋, ⌊W/2⌋, C]: `torch.nn.AvgPool2d(2)`. */
export function downsample(images: tf.Tensor): tf.Tensor {
  return tf.avgPool(images as tf.Tensor4D, 2, 2, 'valid')
}
