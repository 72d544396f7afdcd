import { z } from 'zod'
import { tf } from '../engine/tf.ts'
import { InputError, lookUp } from '../errors.ts'
import { silu } from '../nn/activations.ts'
import { conv2d } from '../nn/conv2d.ts'
import { groupNorm } from '../nn/group-norm.ts'
import { type Layer, linear } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import { timestepEmbedding } from '../nn/timestep-embedding.ts'
import { type Parameterized, parameterized } from './parameterized.ts'
import { type ResnetBlock, resnetBlock, upsampler } from './resnet-block.ts'
import { checkMultiple } from './sizes.ts'
import { type SpatialTransformer, spatialTransformer } from './spatial-transformer.ts'

const count = z.int().positive()
const perBlock = z.union([count, z.array(count)])
/** A feature that is absent, off or nothing. */
const absent = (value: unknown) => value === undefined || value === null || value === false || value === 0

/**
 * What is read of the `config.json` of diffusers' `UNet2DConditionModel`, with its defaults there; other keys
 * are kept. The names are diffusers', the misnomer `attention_head_dim` (the number of heads) included.
 */
export const unet2dConditionSchema = z.looseObject({
  _class_name: z.literal('UNet2DConditionModel').default('UNet2DConditionModel'),
  sample_size: z.union([count, z.tuple([count, count])]).default(64),
  in_channels: count.default(4),
  out_channels: count.default(4),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(z.string())
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  mid_block_type: z.string().default('UNetMidBlock2DCrossAttn'),
  up_block_types: z
    .array(z.string())
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  block_out_channels: z.array(count).default([320, 640, 1280, 1280]),
  layers_per_block: perBlock.default(2),
  downsample_padding: z.int().min(0).default(1),
  mid_block_scale_factor: z.number().positive().default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  norm_num_groups: count.default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: perBlock.default(1280),
  transformer_layers_per_block: perBlock.default(1),
  attention_head_dim: perBlock.default(8),
  num_attention_heads: perBlock.nullish(),
  use_linear_projection: z.boolean().default(false),
})

export type Unet2dConditionConfig = z.output<typeof unet2dConditionSchema>

/** The denoiser of Stable Diffusion. */
export interface Unet2dCondition extends Parameterized {
  readonly config: Unet2dConditionConfig
  /** Channels of what it denoises. */
  readonly channels: number
  /** Numbers of each token of the condition. */
  readonly contextWidth: number
  /** Height and width must be multiples of this. */
  readonly multiple: number
  /**
   * Predicts what the process asks for.
   *
   * @param sample [B, H, W, channels]
   * @param time [B]
   * @param context states of the text encoder, [B, L, contextWidth]
   * @returns [B, H, W, out_channels]
   */
  apply(parameters: Parameters, sample: tf.Tensor, time: tf.Tensor, context: tf.Tensor): tf.Tensor
}

const NAME = 'UNet2DConditionModel'

/** Whether a block of that type attends to the condition. */
const DOWN: Readonly<Record<string, boolean>> = { CrossAttnDownBlock2D: true, DownBlock2D: false }
const UP: Readonly<Record<string, boolean>> = { CrossAttnUpBlock2D: true, UpBlock2D: false }
const MID: Readonly<Record<string, boolean>> = { UNetMidBlock2DCrossAttn: true, UNetMidBlock2D: false }

/** Settings of diffusers' class that other models use. */
const UNSUPPORTED = [
  'center_input_sample',
  'only_cross_attention',
  'dual_cross_attention',
  'dropout',
  'encoder_hid_dim',
  'encoder_hid_dim_type',
  'class_embed_type',
  'addition_embed_type',
  'num_class_embeds',
  'time_embedding_dim',
  'time_embedding_act_fn',
  'timestep_post_act',
  'time_cond_proj_dim',
  'resnet_skip_time_act',
  'class_embeddings_concat',
  'reverse_transformer_layers_per_block',
  'cross_attention_norm',
]
/** Settings of which one value only is supported. */
const FIXED: Readonly<Record<string, unknown>> = {
  resnet_time_scale_shift: 'default',
  resnet_out_scale_factor: 1,
  time_embedding_type: 'positional',
  conv_in_kernel: 3,
  conv_out_kernel: 3,
  attention_type: 'default',
}

/**
 * diffusers' `UNet2DConditionModel` (Rombach et al. 2022, arXiv 2112.10752) with its parameter names: the block
 * types of Stable Diffusion 1.x and 2.x, channels last within.
 *
 * @throws InputError naming a block type or setting that is not supported, or a size that does not fit
 */
export function unet2dCondition(config: Unet2dConditionConfig): Unet2dCondition {
  checkSupported(config)
  const { block_out_channels: widths, norm_num_groups: groups, norm_eps: epsilon } = config
  const levels = widths.length
  const each = (key: keyof Unet2dConditionConfig & string, value: number | number[]): number[] => {
    const list = typeof value === 'number' ? widths.map(() => value) : value
    if (list.length === levels) return list
    throw new InputError(
      `${NAME}: "${key}" has ${list.length} entries for ${levels} levels; give one for each.`,
    )
  }
  for (const key of ['down_block_types', 'up_block_types'] as const) {
    if (config[key].length !== levels) {
      throw new InputError(
        `${NAME}: "${key}" has ${config[key].length} entries for the ${levels} of "block_out_channels"; give one for each.`,
      )
    }
  }
  const layers = each('layers_per_block', config.layers_per_block)
  const heads = each('attention_head_dim', config.num_attention_heads ?? config.attention_head_dim)
  const depths = each('transformer_layers_per_block', config.transformer_layers_per_block)
  const contexts = each('cross_attention_dim', config.cross_attention_dim)
  const downAttends = config.down_block_types.map((type) => lookUp(`down block of ${NAME}`, DOWN, type))
  const upAttends = config.up_block_types.map((type) => lookUp(`up block of ${NAME}`, UP, type))
  const midAttends = lookUp(`middle block of ${NAME}`, MID, config.mid_block_type)
  widths.forEach((width, level) => {
    checkMultiple(NAME, `block_out_channels[${level}]`, width, groups, '"norm_num_groups" share it')
    checkMultiple(NAME, `block_out_channels[${level}]`, width, heads[level], 'heads share it')
  })
  checkMultiple(NAME, 'block_out_channels[0]', widths[0], 2, 'half of the time embedding are sines')

  const embedding = 4 * widths[0]
  const scope = new ParameterScope()
  const resnet = (name: string, inputs: number, outputs: number, scale = 1): ResnetBlock =>
    resnetBlock(scope.child(name), { inputs, outputs, groups, epsilon, embedding, scale })
  const transformer = (name: string, level: number): SpatialTransformer =>
    spatialTransformer(scope.child(name), {
      channels: widths[level],
      heads: heads[level],
      depth: depths[level],
      context: contexts[level],
      groups,
      linearProjection: config.use_linear_projection,
    })

  const input = conv2d(scope.child('conv_in'), { inputs: config.in_channels, outputs: widths[0], kernel: 3 })
  const embed = linear(scope.child('time_embedding.linear_1'), widths[0], embedding)
  const embedAgain = linear(scope.child('time_embedding.linear_2'), embedding, embedding)
  const last = levels - 1
  const down = widths.map((width, level) => {
    const name = `down_blocks.${level}`
    return {
      layers: Array.from({ length: layers[level] }, (_, j) => ({
        resnet: resnet(`${name}.resnets.${j}`, j === 0 ? widths[Math.max(0, level - 1)] : width, width),
        attention: downAttends[level] ? transformer(`${name}.attentions.${j}`, level) : undefined,
      })),
      resample:
        level === last
          ? undefined
          : conv2d(scope.child(`${name}.downsamplers.0.conv`), {
              inputs: width,
              outputs: width,
              kernel: 3,
              stride: 2,
              padding: config.downsample_padding,
            }),
    }
  })
  const middle = {
    first: resnet('mid_block.resnets.0', widths[last], widths[last], config.mid_block_scale_factor),
    attention: midAttends ? transformer('mid_block.attentions.0', last) : undefined,
    second: resnet('mid_block.resnets.1', widths[last], widths[last], config.mid_block_scale_factor),
  }
  const up = upAttends.map((attends, index) => {
    const name = `up_blocks.${index}`
    const level = last - index
    const width = widths[level]
    const below = widths[Math.min(last, level + 1)]
    const above = widths[Math.max(0, level - 1)]
    const total = layers[level] + 1
    return {
      layers: Array.from({ length: total }, (_, j) => ({
        resnet: resnet(
          `${name}.resnets.${j}`,
          (j === 0 ? below : width) + (j === total - 1 ? above : width),
          width,
        ),
        attention: attends ? transformer(`${name}.attentions.${j}`, level) : undefined,
      })),
      resample: index === last ? undefined : upsampler(scope.child(`${name}.upsamplers.0`), width),
    }
  })
  const finalNorm = groupNorm(scope.child('conv_norm_out'), groups, widths[0], epsilon)
  const output: Layer = conv2d(scope.child('conv_out'), {
    inputs: widths[0],
    outputs: config.out_channels,
    kernel: 3,
  })
  const waves = { cosinesFirst: config.flip_sin_to_cos, shift: config.freq_shift }

  return {
    ...parameterized({ name: NAME, scope }),
    config,
    channels: config.in_channels,
    contextWidth: contexts[0],
    multiple: 2 ** last,
    apply(parameters, sample, time, context) {
      const steps = timestepEmbedding(time, widths[0], waves)
      // Every block begins with the SiLU of the same embedding.
      const features = silu(embedAgain(parameters, silu(embed(parameters, steps))))
      let x = input(parameters, sample)
      const skipped = [x]
      for (const { layers, resample } of down) {
        for (const { resnet, attention } of layers) {
          x = resnet(parameters, x, features)
          if (attention) x = attention(parameters, x, context)
          skipped.push(x)
        }
        if (resample) {
          x = resample(parameters, x)
          skipped.push(x)
        }
      }
      x = middle.first(parameters, x, features)
      if (middle.attention) x = middle.attention(parameters, x, context)
      x = middle.second(parameters, x, features)
      for (const { layers, resample } of up) {
        for (const { resnet, attention } of layers) {
          x = resnet(parameters, tf.concat([x, skipped.pop()!], 3), features)
          if (attention) x = attention(parameters, x, context)
        }
        if (resample) x = resample(parameters, x)
      }
      return output(parameters, silu(finalNorm(parameters, x)))
    },
  }
}

function checkSupported(config: Unet2dConditionConfig): void {
  const given = config as Record<string, unknown>
  for (const key of UNSUPPORTED) {
    if (!absent(given[key])) {
      throw new InputError(
        `${NAME}: "${key}" is ${JSON.stringify(given[key])}, which is not supported; Stable Diffusion 1.x and 2.x have none.`,
      )
    }
  }
  for (const [key, only] of Object.entries(FIXED)) {
    if (given[key] !== undefined && given[key] !== null && given[key] !== only) {
      throw new InputError(
        `${NAME}: "${key}" is ${JSON.stringify(given[key])}, but only ${JSON.stringify(only)} is supported.`,
      )
    }
  }
}
