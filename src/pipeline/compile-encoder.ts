import type { Compiled, Engine, TensorFunction } from '../engine/engine.ts'
import { float32 } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import type { AutoencoderKl } from '../models/autoencoder-kl.ts'
import type { Parameters } from '../models/network.ts'

/**
 * Compiles a frozen autoencoder's way in: from `{ parameters, images }` to `{ mean, logVariance }` of the posteriors,
 * [batch, height/factor, width/factor, latents] each.
 *
 * @param shape of the images, [batch, height, width, channels], numbers in [−1, 1]
 */
export function compileEncoder(
  engine: Engine,
  vae: AutoencoderKl,
  shape: readonly number[],
): Promise<Compiled> {
  const encode: TensorFunction = (inputs) => {
    const { mean, logVariance } = vae.encode(inputs.parameters as Parameters, inputs.images as tf.Tensor)
    return { mean, logVariance }
  }
  return engine.compile('encode', encode, { parameters: vae.parameters, images: float32(...shape) })
}
