import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LatentConfig } from '../../config/latent.ts'
import { type ImageSet, selectImages } from '../../data/images/image-set.ts'
import { invertMask, validationMask } from '../../data/split.ts'
import { checkSampler, createProcess } from '../../diffusion/index.ts'
import type { Engine } from '../../engine/engine.ts'
import { InputError } from '../../errors.ts'
import { type AutoencoderKl, autoencoderKl, autoencoderKlSchema } from '../../models/autoencoder-kl.ts'
import { type ClipTextConfig, clipText, clipTextSchema } from '../../models/clip-text.ts'
import { latentDenoiser } from '../../models/latent-denoiser.ts'
import { type Unet2dCondition, unet2dCondition } from '../../models/unet2d-condition.ts'
import { writePipeline } from '../../pipeline/folder.ts'
import { schedulerConfig } from '../../pipeline/scheduler.ts'
import { byteTokenizerFiles } from '../../pipeline/tokenizer.ts'
import { Rng } from '../../random/rng.ts'
import { latestCheckpoint } from '../../run/checkpoint.ts'
import { PARTS } from '../../run/run-folder.ts'
import { autoencoderCourse } from '../autoencoder-course.ts'
import { type Prepare, trainRun } from '../run.ts'
import type { RunEvent } from '../run-events.ts'
import { channelRows } from './encoder-images.ts'
import { latentProcess, latentSide, unetConfig } from './parts.ts'
import { reconstructions } from './reconstructions.ts'
import { latentDeviation } from './scale.ts'

/** The networks of a pipeline of a run's own, without weights. */
export interface OwnNetworks {
  readonly vae: AutoencoderKl
  readonly unet: Unet2dCondition
  readonly text: ClipTextConfig
}

/**
 * The networks that a config without a pipeline describes.
 *
 * @throws InputError for settings that do not fit each other or the images, those of the denoiser and the sampler
 *   included: they shall not come up after the autoencoder's training
 */
export function ownNetworks(
  config: LatentConfig,
  images: Pick<ImageSet, 'colors'>,
  captions: readonly string[],
): OwnNetworks {
  const { autoencoder: settings } = config
  const type = (name: string) => settings.widths.map(() => name)
  const vae = autoencoderKl(
    autoencoderKlSchema.parse({
      in_channels: images.colors,
      out_channels: images.colors,
      latent_channels: settings.channels,
      block_out_channels: settings.widths,
      layers_per_block: settings.layers,
      norm_num_groups: settings.groups,
      sample_size: config.images.size,
      down_block_types: type('DownEncoderBlock2D'),
      up_block_types: type('UpDecoderBlock2D'),
    }),
  )
  const side = latentSide(config.images.size, vae)
  const text = textConfig(config, captions)
  const unet = unet2dCondition(unetConfig(config, { vae, text: { width: text.hidden_size } }, side))
  latentDenoiser(unet, { height: side, width: side, tokens: text.max_position_embeddings })
  checkSampler(config.sampler, createProcess(latentProcess(config, undefined)))
  return { vae, unet, text }
}

/** Trains an autoencoder and writes the pipeline that it is part of. @returns whether that was not stopped */
export async function* makePipeline(
  folder: string,
  config: LatentConfig,
  images: ImageSet,
  { vae, unet, text }: OwnNetworks,
  engine: Engine,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent, boolean> {
  const { autoencoder: settings, seed } = config
  const heldOut = validationMask(images.count, settings.training.validationShare, Rng.seeded(seed))
  const part = (mask: Uint8Array) =>
    selectImages(
      images,
      Int32Array.from({ length: images.count }, (_, i) => i).filter((i) => mask[i] === 1),
    )
  const [training, validation] = [invertMask(heldOut), heldOut].map((mask) =>
    channelRows(part(mask), vae.channels),
  )
  const task = {
    vae,
    height: config.images.size,
    width: config.images.size,
    images: training,
    validation,
    divergence: settings.divergence,
  }
  const own = join(folder, PARTS, 'autoencoder')
  const wanted = { images: config.images, seed, autoencoder: settings, engine: config.engine }
  const begun = existsSync(join(own, 'config.json'))
  yield { type: 'stage', name: 'autoencoder', total: settings.training.steps }
  const prepare: Prepare = async () => ({
    network: vae,
    course: autoencoderCourse(task),
    training: settings.training,
    seed,
    engine,
    samples: training.rows,
    occasions: [reconstructions(vae, part(heldOut), config, engine)],
  })
  for await (const event of trainRun({ folder: own, ...(!begun && { config: wanted }) }, prepare, signal)) {
    yield event
    if (event.type === 'finished' && !event.complete) return false
  }
  const { checkpoint } = await latestCheckpoint(join(own, 'checkpoints'))
  if (!checkpoint)
    throw new InputError(`${own} has no checkpoint that can be used; delete it and start again.`)
  const weights = vae.fromStateDict(checkpoint.tensors.average, checkpoint.path)
  const deviation = await latentDeviation(vae, weights, training, config, engine)
  const scaled = autoencoderKl({ ...vae.config, scaling_factor: 1 / deviation })
  const rng = Rng.seeded(seed)
  const encoder = clipText(text)
  await writePipeline(join(folder, PARTS, 'pipeline'), {
    unet: { model: unet, weights: unet.init(rng.fork('weights')) },
    vae: { model: scaled, weights },
    text: { model: encoder, config: text, weights: encoder.init(rng.fork('text')) },
    tokenizer: byteTokenizerFiles(text.max_position_embeddings),
    scheduler: schedulerConfig(latentProcess(config, undefined)),
  })
  return true
}

/** A text encoder that has room for the captions, one token a byte. */
function textConfig({ text }: LatentConfig, captions: readonly string[]): ClipTextConfig {
  const longest = Math.max(...captions.map((caption) => Buffer.byteLength(caption)))
  return clipTextSchema.parse({
    vocab_size: 514,
    hidden_size: text.width,
    intermediate_size: 4 * text.width,
    num_hidden_layers: text.layers,
    num_attention_heads: text.heads,
    max_position_embeddings: Math.min(77, longest + 2),
    bos_token_id: 512,
    eos_token_id: 513,
    pad_token_id: 513,
  })
}
