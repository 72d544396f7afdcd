import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { createOutput } from '../../src/cli/output.ts'
import { type LatentConfig, type LatentInput, latentSchema } from '../../src/config/latent.ts'
import { trainLatentRun } from '../../src/train/latent-run.ts'
import type { RunEvent } from '../../src/train/run-events.ts'
import { scratch } from '../scratch.ts'

/** A new folder, with the images below in it. */
export const folder = scratch()
export const quiet = createOutput(true)
/** Steps of the denoiser in {@link config}. */
export const STEPS = 6

/** Two classes of the same name in a file of captions, of light and of dark images. */
const images = join(folder, 'images')
for (const [label, name] of ['bird', 'machine'].entries()) {
  await mkdir(join(images, name), { recursive: true })
  for (let i = 0; i < 10; i++) {
    const pixels = Uint8Array.from(
      { length: 8 * 8 * 3 },
      (_, j) => (label === 0 ? 200 : 20) + ((i * 7 + j) % 40),
    )
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toFile(join(images, name, `${i}.png`))
  }
}
const captions = join(folder, 'captions.txt')
await writeFile(captions, 'crane\ncrane\n')

/** The smallest latent diffusion that has every part. */
export function config(more: Partial<LatentInput> = {}): LatentConfig {
  const schedule = { learningRate: 1e-3, warmup: 1, logEvery: 2, checkpointEvery: 2, validationShare: 0.2 }
  return latentSchema.parse({
    images: { source: { type: 'folder', path: images }, size: 8, flip: true },
    seed: 3,
    captions: { path: captions, dropout: 0.3 },
    autoencoder: {
      widths: [4, 8],
      groups: 2,
      training: { ...schedule, steps: 4, batch: 4, validateEvery: 4 },
    },
    text: { width: 8, layers: 1, heads: 2 },
    denoiser: { widths: [8], layers: 1, heads: 2, groups: 4 },
    latents: { batch: 4 },
    noiseOffset: 0.05,
    process: { type: 'ddpm', steps: 50, schedule: 'scaled_linear', prediction: 'velocity', minSnr: 5 },
    sampler: { type: 'ddim', steps: 3 },
    coupling: { type: 'nearest', candidates: 4 },
    training: { ...schedule, steps: STEPS, batch: 8, accumulate: 2, validateEvery: 3 },
    samples: { every: STEPS, count: 4, batch: 2, guidance: 2 },
    engine: { threads: 1 },
    ...more,
  })
}

/** Trains in a folder, up to a step where one is given. @returns what was reported */
export async function trained(run: string, given?: LatentConfig, stopAt = -1): Promise<RunEvent[]> {
  const controller = new AbortController()
  const events: RunEvent[] = []
  let steps = 0
  for await (const event of trainLatentRun(
    { folder: run, ...(given && { config: given }) },
    controller.signal,
  )) {
    events.push(event)
    if (event.type === 'step' && ++steps === stopAt) controller.abort()
  }
  return events
}
