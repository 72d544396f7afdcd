import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import type { Network } from './network.ts'
import type { Unet2dCondition } from './unet2d-condition.ts'

/** What is denoised, and what by. */
export interface LatentShape {
  /** Of the latents. */
  readonly height: number
  readonly width: number
  /** Tokens of a text. */
  readonly tokens: number
}

/**
 * A U-Net over latents as a {@link Network}: places of the latents are the time steps of its trajectories, and the
 * states of a text, flattened, its condition.
 *
 * @throws InputError where the U-Net cannot halve the latents often enough
 */
export function latentDenoiser(unet: Unet2dCondition, { height, width, tokens }: LatentShape): Network {
  if (height % unet.multiple !== 0 || width % unet.multiple !== 0) {
    throw new InputError(
      `Latents of ${height} × ${width} do not fit a U-Net of ${Math.log2(unet.multiple) + 1} levels, which takes multiples of ${unet.multiple}; choose another size of images.`,
    )
  }
  const { channels, contextWidth } = unet
  return {
    name: unet.name,
    parameters: unet.parameters,
    init: unet.init,
    fromStateDict: unet.fromStateDict,
    toStateDict: unet.toStateDict,
    load: unet.load,
    check: unet.check,
    store: unet.store,
    horizon: height * width,
    channels,
    condition: tokens * contextWidth,
    localCondition: 0,
    decays: () => true,
    dropout: () => ({}),
    apply(parameters, { sample, time, condition }) {
      const [batch] = sample.shape
      const images = tf.reshape(sample, [batch, height, width, channels])
      const states = tf.reshape(condition!, [batch, tokens, contextWidth])
      return tf.reshape(unet.apply(parameters, images, time, states), sample.shape)
    },
  }
}
