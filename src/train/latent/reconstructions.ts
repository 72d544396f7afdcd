import type { LatentConfig } from '../../config/latent.ts'
import type { ImageSet } from '../../data/images/image-set.ts'
import type { Engine, TensorFunction } from '../../engine/engine.ts'
import { float32, type HostTensor, sizeOf } from '../../engine/tensor.ts'
import type { tf } from '../../engine/tf.ts'
import { gridPng } from '../../generate/grid.ts'
import type { AutoencoderKl } from '../../models/autoencoder-kl.ts'
import type { Parameters } from '../../models/network.ts'
import { Rng } from '../../random/rng.ts'
import type { Occasion } from '../run.ts'
import { saveGrid } from '../sample-grid.ts'
import { channelRows } from './encoder-images.ts'

/** Writes `samples/step-….png`: held-out images, and what the autoencoder makes of them. */
export function reconstructions(
  vae: AutoencoderKl,
  images: ImageSet,
  { images: { size }, samples }: LatentConfig,
  engine: Engine,
): Occasion {
  const count = Math.min(10, images.count)
  return {
    every: count > 0 ? samples.every : null,
    checkpoint: false,
    async *act(parameters, step, run) {
      const shape = [count, size, size, vae.channels]
      // Evenly spread, because images may be sorted by class.
      const given = new Float32Array(sizeOf(shape))
      const picked = Int32Array.from({ length: count }, (_, i) => Math.floor((i * images.count) / count))
      await channelRows(images, vae.channels).gather(picked, given, Rng.seeded(0))
      const roundTrip: TensorFunction = (inputs) => {
        const weights = inputs.parameters as Parameters
        return { images: vae.decode(weights, vae.encode(weights, inputs.images as tf.Tensor).mean) }
      }
      const compiled = await engine.compile('reconstruct', roundTrip, {
        parameters: vae.parameters,
        images: float32(...shape),
      })
      try {
        const outputs = await compiled.run({ parameters, images: { shape, dtype: 'float32', values: given } })
        const both = [...given, ...(outputs.images as HostTensor).values]
        const pixels = Uint8Array.from(both, (value) =>
          Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1)),
        )
        yield await saveGrid(
          run,
          step,
          await gridPng(pixels, { height: size, width: size, colors: vae.channels }, count),
        )
        return {}
      } finally {
        await compiled.dispose()
      }
    },
  }
}
