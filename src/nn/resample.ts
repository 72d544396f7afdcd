import { tf } from '../engine/tf.ts'

/** Repeats every pixel in both directions, [B, H, W, C] → [B, 2H, 2W, C]: `F.interpolate(scale_factor=2, mode="nearest")`. */
export function upsample(images: tf.Tensor): tf.Tensor {
  const [, height, width] = images.shape as [number, number, number, number]
  return tf.image.resizeNearestNeighbor(images as tf.Tensor4D, [2 * height, 2 * width])
}

/** Averages squares of four pixels, [B, H, W, C] → [B, ⌊H/2⌋, ⌊W/2⌋, C]: `torch.nn.AvgPool2d(2)`. */
export function downsample(images: tf.Tensor): tf.Tensor {
  return tf.avgPool(images as tf.Tensor4D, 2, 2, 'valid')
}
