import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LatentConfig } from '../config/latent.ts'
import { imageRows } from '../data/images/image-rows.ts'
import { type ImageSet, imageSize } from '../data/images/image-set.ts'
import { checkSampler, createProcess, type Process, type ProcessConfig } from '../diffusion/index.ts'
import { InputError } from '../errors.ts'
import { latentDenoiser } from '../models/latent-denoiser.ts'
import type { Network } from '../models/network.ts'
import {
  type Unet2dCondition,
  type Unet2dConditionConfig,
  unet2dCondition,
  unet2dConditionSchema,
} from '../models/unet2d-condition.ts'
import type { PipelineFolder } from '../pipeline/folder.ts'
import type { ImagesToEncode } from '../pipeline/latent-cache.ts'
import { processFromScheduler } from '../pipeline/scheduler.ts'
import { Rng } from '../random/rng.ts'
import type { RowSource } from './task.ts'

/** Stable Diffusion's process. */
const STABLE_DIFFUSION = {
  type: 'ddpm',
  steps: 1000,
  schedule: 'scaled_linear',
  prediction: 'epsilon',
} as const

/** The process of a run: its config's, or that of the pipeline it began with. Latents are never clamped. */
export function latentProcess(
  config: LatentConfig,
  pipeline: Pick<PipelineFolder, 'path' | 'scheduler'> | undefined,
): ProcessConfig & { type: 'ddpm' } {
  const given =
    config.process ?? (pipeline ? processFromScheduler(pipeline.scheduler, pipeline.path) : STABLE_DIFFUSION)
  // The config's schema allows no other type.
  return { ...given, clip: false } as ProcessConfig & { type: 'ddpm' }
}

/** What is trained, as config and pipeline determine it. */
export interface LatentParts {
  readonly unet: Unet2dCondition
  readonly network: Network
  readonly processConfig: ProcessConfig & { type: 'ddpm' }
  readonly process: Process
  /** Of the latents. */
  readonly height: number
  readonly width: number
}

/** @throws InputError where settings, images and pipeline do not fit each other */
export function latentParts(config: LatentConfig, pipeline: PipelineFolder): LatentParts {
  const { factor } = pipeline.vae
  const { size } = config.images
  if (size % factor !== 0) {
    throw new InputError(
      `images.size is ${size}, which is not a multiple of the ${factor} pixels of a latent; choose one that is.`,
    )
  }
  const side = size / factor
  const unet =
    config.denoiser.from === 'pipeline' ? pipeline.unet : unet2dCondition(unetConfig(config, pipeline, side))
  const network = latentDenoiser(unet, { height: side, width: side, tokens: pipeline.tokenizer.length })
  const processConfig = latentProcess(config, pipeline)
  const process = createProcess(processConfig)
  checkSampler(config.sampler, process)
  return { unet, network, processConfig, process, height: side, width: side }
}

/** The pipeline's denoiser with the config's changes, for latents of `side` × `side`. */
export function unetConfig(
  { denoiser }: LatentConfig,
  pipeline: {
    readonly unet?: { readonly config: Unet2dConditionConfig }
    readonly text: { readonly width: number }
    readonly vae: { readonly latents: number }
  },
  side: number,
): Unet2dConditionConfig {
  const { widths, layers, heads, groups } = denoiser
  const last = (widths?.length ?? 1) - 1
  return unet2dConditionSchema.parse({
    ...pipeline.unet?.config,
    sample_size: side,
    in_channels: pipeline.vae.latents,
    out_channels: pipeline.vae.latents,
    cross_attention_dim: pipeline.text.width,
    ...(widths && {
      block_out_channels: widths,
      // As in Stable Diffusion, all but the deepest level attend.
      down_block_types: widths.map((_, i) =>
        i === last && last > 0 ? 'DownBlock2D' : 'CrossAttnDownBlock2D',
      ),
      up_block_types: widths.map((_, i) => (i === 0 && last > 0 ? 'UpBlock2D' : 'CrossAttnUpBlock2D')),
    }),
    ...(layers && { layers_per_block: layers }),
    ...(heads && { attention_head_dim: heads }),
    ...(groups && { norm_num_groups: groups }),
  })
}

/**
 * The caption of each class, from the lines of a file or from the names of the folders.
 *
 * @throws InputError for images without classes, or a file that has another number of lines
 */
export async function classCaptions(
  { captions: { path, template } }: Pick<LatentConfig, 'captions'>,
  images: Pick<ImageSet, 'classes' | 'labels' | 'name'>,
): Promise<{ readonly names: readonly string[]; readonly captions: readonly string[] }> {
  if (!images.labels || images.classes.length === 0) {
    throw new InputError(
      `The images of ${images.name} have no classes, of which their captions are made; give a folder for each class, or a file of labels.`,
    )
  }
  let names = images.classes
  if (path !== undefined) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new InputError(
        `Cannot read captions.path ${path} (${error.code}); give a text file with a line for each class.`,
      )
    })
    names = text.replace(/\r?\n$/, '').split(/\r?\n/)
    if (names.length !== images.classes.length) {
      throw new InputError(
        `${path} has ${names.length} lines for ${images.classes.length} classes; give one for each, in the order of the classes.`,
      )
    }
  }
  return { names, captions: names.map((name) => template.replaceAll('{}', name)) }
}

/** Images as numbers in [−1, 1] with as many channels as the autoencoder has. @throws InputError where they differ otherwise */
export function channelRows(images: ImageSet, channels: number): RowSource {
  const source = imageRows(images)
  if (images.colors === channels) return source
  if (images.colors !== 1) {
    throw new InputError(
      `The images of ${images.name} have ${images.colors} colours and the autoencoder takes ${channels}; give images of as many.`,
    )
  }
  return {
    rows: source.rows,
    columns: source.columns * channels,
    gather(indices, out, rng) {
      const grey = new Float32Array(indices.length * source.columns)
      source.gather(indices, grey, rng)
      for (let i = 0; i < out.length; i++) out[i] = grey[Math.floor(i / channels)]
    },
  }
}

/** Images in order, and once more mirrored where `flip` is set. */
export function toEncode(images: ImageSet, channels: number, flip: boolean): ImagesToEncode {
  const source = channelRows(images, channels)
  const { height, width, count } = images
  const rng = Rng.seeded(0)
  return {
    count: flip ? 2 * count : count,
    height,
    width,
    read(first, taken) {
      const places = Array.from({ length: taken }, (_, i) => first + i)
      const out = new Float32Array(taken * source.columns)
      source.gather(
        places.map((place) => place % count),
        out,
        rng,
      )
      places.forEach((place, i) => {
        if (place >= count)
          mirror(out.subarray(i * source.columns, (i + 1) * source.columns), width, channels)
      })
      return out
    },
  }
}

function mirror(image: Float32Array, width: number, channels: number): void {
  const line = width * channels
  for (let start = 0; start < image.length; start += line) {
    for (let x = 0; x < width / 2; x++) {
      for (let c = 0; c < channels; c++) {
        const [left, right] = [start + x * channels + c, start + (width - 1 - x) * channels + c]
        const held = image[left]
        image[left] = image[right]
        image[right] = held
      }
    }
  }
}

/** What a file of latents depends on: the images, and the bytes of the autoencoder. */
export async function latentsKey(images: ImageSet, flip: boolean, vae: string): Promise<string> {
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

/** Whether a folder holds a pipeline. */
export function isPipeline(path: string): boolean {
  return existsSync(join(path, 'model_index.json'))
}
