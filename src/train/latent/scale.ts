import type { LatentConfig } from '../../config/latent.ts'
import type { Engine } from '../../engine/engine.ts'
import { type HostTensor, sizeOf } from '../../engine/tensor.ts'
import type { AutoencoderKl } from '../../models/autoencoder-kl.ts'
import type { HostParameters } from '../../models/network.ts'
import { compileEncoder } from '../../pipeline/compile-encoder.ts'
import { Rng } from '../../random/rng.ts'
import type { RowSource } from '../task.ts'

/** Images by which the scale of an autoencoder's latents is measured, at most. */
const MEASURED = 512

/** Standard deviation of latents drawn from the posteriors of training images. */
export async function latentDeviation(
  vae: AutoencoderKl,
  weights: HostParameters,
  images: RowSource,
  { images: { size }, seed, latents: { batch } }: LatentConfig,
  engine: Engine,
): Promise<number> {
  const shape = [batch, size, size, vae.channels]
  const compiled = await compileEncoder(engine, vae, shape)
  const rng = Rng.seeded(seed).fork('scale')
  let [sum, squares, count] = [0, 0, 0]
  try {
    for (let first = 0; first < Math.min(MEASURED, images.rows); first += batch) {
      const values = new Float32Array(sizeOf(shape))
      const picked = Int32Array.from({ length: batch }, (_, i) => (first + i) % images.rows)
      await images.gather(picked, values, rng)
      const outputs = await compiled.run({ parameters: weights, images: { shape, dtype: 'float32', values } })
      const { values: means } = outputs.mean as HostTensor
      const { values: logVariances } = outputs.logVariance as HostTensor
      for (let i = 0; i < means.length; i++) {
        const z = means[i] + Math.exp(0.5 * logVariances[i]) * rng.normal()
        sum += z
        squares += z * z
        count++
      }
    }
  } finally {
    await compiled.dispose()
  }
  return Math.sqrt(squares / count - (sum / count) ** 2)
}
