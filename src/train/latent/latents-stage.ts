import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LatentConfig } from '../../config/latent.ts'
import { type ImageSet, imageSize } from '../../data/images/image-set.ts'
import type { Engine } from '../../engine/engine.ts'
import type { PipelineFolder } from '../../pipeline/folder.ts'
import { cacheKey, writeLatents } from '../../pipeline/latent-cache.ts'
import { PARTS } from '../../run/run-folder.ts'
import type { RunEvent } from '../run-events.ts'
import { toEncode } from './encoder-images.ts'

/** The file of a run's latents. */
export function latentsPath(folder: string): string {
  return join(folder, PARTS, 'latents.safetensors')
}

/** Encodes all images, unless that was done. @returns the file of their latents */
export async function* cacheLatents(
  folder: string,
  config: LatentConfig,
  images: ImageSet,
  pipeline: PipelineFolder,
  engine: Engine,
): AsyncGenerator<RunEvent, string> {
  const path = latentsPath(folder)
  const key = await latentsKey(images, config.images.flip, join(pipeline.path, 'vae'))
  if ((await cacheKey(path)) === key) return path
  const all = toEncode(images, pipeline.vae.channels, config.images.flip)
  yield { type: 'stage', name: 'latents', total: all.count }
  await writeLatents(path, {
    engine,
    vae: pipeline.vae,
    weights: await pipeline.weights('vae'),
    images: all,
    batch: config.latents.batch,
    key,
  })
  return path
}

/** What a file of latents depends on: the images, and the bytes of the autoencoder. */
async function latentsKey(images: ImageSet, flip: boolean, vae: string): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([images.count, imageSize(images), images.height, flip]),
  )
  hash.update(images.pixels)
  for (const name of (await readdir(vae)).sort()) {
    if (!/\.(json|safetensors)$/.test(name)) continue
    hash.update(name)
    for await (const piece of createReadStream(join(vae, name), { highWaterMark: 1 << 20 }))
      hash.update(piece)
  }
  return hash.digest('hex')
}
