import type { LatentConfig } from '../../config/latent.ts'
import { checkSampler, createProcess, type Process, type ProcessConfig } from '../../diffusion/index.ts'
import { InputError } from '../../errors.ts'
import type { AutoencoderKl } from '../../models/autoencoder-kl.ts'
import { latentDenoiser } from '../../models/latent-denoiser.ts'
import type { Network } from '../../models/network.ts'
import {
  type Unet2dCondition,
  type Unet2dConditionConfig,
  unet2dCondition,
  unet2dConditionSchema,
} from '../../models/unet2d-condition.ts'
import type { PipelineFolder } from '../../pipeline/folder.ts'
import { processFromScheduler } from '../../pipeline/scheduler.ts'

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
  const side = latentSide(config.images.size, pipeline.vae)
  const unet =
    config.denoiser.from === 'pipeline' ? pipeline.unet : unet2dCondition(unetConfig(config, pipeline, side))
  const network = latentDenoiser(unet, { height: side, width: side, tokens: pipeline.tokenizer.length })
  const processConfig = latentProcess(config, pipeline)
  const process = createProcess(processConfig)
  checkSampler(config.sampler, process)
  return { unet, network, processConfig, process, height: side, width: side }
}

/** Latents along an axis of images of `size` pixels. @throws InputError where they do not come out even */
export function latentSide(size: number, { factor }: Pick<AutoencoderKl, 'factor'>): number {
  if (size % factor === 0) return size / factor
  throw new InputError(
    `images.size is ${size}, which is not a multiple of the ${factor} pixels of a latent; choose one that is.`,
  )
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

/** Sizes of the images that latents of `height` × `width` become. */
export function imageShape(vae: AutoencoderKl, height: number, width: number) {
  return {
    height: height * vae.factor,
    width: width * vae.factor,
    colors: vae.config.out_channels,
    classes: [],
  }
}
