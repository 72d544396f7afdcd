import { join } from 'node:path'
import { autoencoderKl, autoencoderKlSchema } from '../../src/models/autoencoder-kl.ts'
import { clipText, clipTextSchema } from '../../src/models/clip-text.ts'
import { unet2dCondition, unet2dConditionSchema } from '../../src/models/unet2d-condition.ts'
import { type PipelineContent, writePipeline } from '../../src/pipeline/folder.ts'
import { schedulerSchema } from '../../src/pipeline/scheduler.ts'
import { byteTokenizerFiles } from '../../src/pipeline/tokenizer.ts'
import { Rng } from '../../src/random/rng.ts'
import type { FloatStorage } from '../../src/weights/safetensors.ts'
import { scratch } from '../scratch.ts'

/** Tokens of a text. */
export const TOKENS = 8

/** The smallest pipeline that has every part, of random weights. */
export function tinyContent(): PipelineContent {
  const rng = Rng.seeded(11)
  const unet = unet2dCondition(
    unet2dConditionSchema.parse({
      sample_size: 4,
      block_out_channels: [8, 16],
      layers_per_block: 1,
      norm_num_groups: 4,
      attention_head_dim: 2,
      cross_attention_dim: 8,
      down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
      up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
    }),
  )
  const vae = autoencoderKl(
    autoencoderKlSchema.parse({
      sample_size: 8,
      block_out_channels: [4, 8],
      norm_num_groups: 2,
      down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
      up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    }),
  )
  const config = clipTextSchema.parse({
    vocab_size: 514,
    hidden_size: 8,
    intermediate_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: TOKENS,
  })
  const text = clipText(config)
  return {
    unet: { model: unet, weights: unet.init(rng.fork('unet')) },
    vae: { model: vae, weights: vae.init(rng.fork('vae')) },
    text: { model: text, config, weights: text.init(rng.fork('text')) },
    tokenizer: byteTokenizerFiles(TOKENS),
    scheduler: schedulerSchema.parse({
      _class_name: 'PNDMScheduler',
      beta_schedule: 'scaled_linear',
      beta_start: 0.00085,
      beta_end: 0.012,
      set_alpha_to_one: false,
      skip_prk_steps: true,
      steps_offset: 1,
      clip_sample: false,
    }),
  }
}

/** Writes {@link tinyContent} to a new folder. */
export async function tinyPipeline(floats: FloatStorage = 'F32'): Promise<string> {
  const path = join(scratch(), 'tiny')
  await writePipeline(path, tinyContent(), floats)
  return path
}
