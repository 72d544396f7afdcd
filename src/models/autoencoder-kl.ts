import { z } from 'zod'
import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import { silu } from '../nn/activations.ts'
import { conv2d, pointwise } from '../nn/conv2d.ts'
import { groupNorm } from '../nn/group-norm.ts'
import type { Layer } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import { projectedAttention } from '../nn/projected-attention.ts'
import { type Parameterized, parameterized } from './parameterized.ts'
import { resnetBlock, upsampler } from './resnet-block.ts'
import { checkMultiple } from './sizes.ts'

const count = z.int().positive()

/** What is read of the `config.json` of diffusers' `AutoencoderKL`, with its defaults there; other keys are kept. */
export const autoencoderKlSchema = z.looseObject({
  _class_name: z.literal('AutoencoderKL').default('AutoencoderKL'),
  in_channels: count.default(3),
  out_channels: count.default(3),
  down_block_types: z.array(z.string()).default(['DownEncoderBlock2D']),
  up_block_types: z.array(z.string()).default(['UpDecoderBlock2D']),
  block_out_channels: z.array(count).default([64]),
  layers_per_block: count.default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  latent_channels: count.default(4),
  norm_num_groups: count.default(32),
  sample_size: z.union([count, z.tuple([count, count])]).default(32),
  scaling_factor: z.number().positive().default(0.18215),
  shift_factor: z.number().nullish(),
  use_quant_conv: z.boolean().default(true),
  use_post_quant_conv: z.boolean().default(true),
  mid_block_add_attention: z.boolean().default(true),
})

export type AutoencoderKlConfig = z.output<typeof autoencoderKlSchema>

/** Mean and logarithm of the variance of the latents' posterior, [B, h, w, latents] each. */
export interface Posterior {
  readonly mean: tf.Tensor
  readonly logVariance: tf.Tensor
}

/** The image autoencoder of Stable Diffusion. */
export interface AutoencoderKl extends Parameterized {
  readonly config: AutoencoderKlConfig
  /** Channels of images. */
  readonly channels: number
  /** Channels of latents. */
  readonly latents: number
  /** Pixels along an axis for each latent. */
  readonly factor: number
  /** Latents as the denoiser sees them are (posterior sample − shift) · scale. */
  readonly scale: number
  readonly shift: number
  /** Images [B, H, W, channels] in [−1, 1] → the posterior of their latents. */
  encode(parameters: Parameters, images: tf.Tensor): Posterior
  /** Latents (unscaled) [B, h, w, latents] → images [B, H, W, channels]. */
  decode(parameters: Parameters, latents: tf.Tensor): tf.Tensor
  /** Whether a parameter belongs to the decoder. */
  decodes(parameter: string): boolean
}

const NAME = 'AutoencoderKL'
const EPSILON = 1e-6

/**
 * diffusers' `AutoencoderKL` (Rombach et al. 2022, arXiv 2112.10752) with its parameter names, channels last
 * within.
 *
 * @throws InputError naming a block type or setting that is not supported, or a size that does not fit
 */
export function autoencoderKl(config: AutoencoderKlConfig): AutoencoderKl {
  const { block_out_channels: widths, norm_num_groups: groups, layers_per_block: layers } = config
  checkBlocks(config, 'down_block_types', 'DownEncoderBlock2D')
  checkBlocks(config, 'up_block_types', 'UpDecoderBlock2D')
  for (const key of ['latents_mean', 'latents_std']) {
    if (config[key] !== undefined && config[key] !== null) {
      throw new InputError(`${NAME}: "${key}" is not supported; use "scaling_factor" and "shift_factor".`)
    }
  }
  widths.forEach((width, level) => {
    checkMultiple(NAME, `block_out_channels[${level}]`, width, groups, '"norm_num_groups" share it')
  })
  const root = new ParameterScope()
  const last = widths.length - 1
  const deepest = widths[last]
  const parts = { config, groups }

  const encoder = root.child('encoder')
  const encodeIn = conv2d(encoder.child('conv_in'), {
    inputs: config.in_channels,
    outputs: widths[0],
    kernel: 3,
  })
  const down = widths.map((width, level) => ({
    resnets: Array.from({ length: layers }, (_, j) =>
      resnet(
        encoder.child(`down_blocks.${level}.resnets.${j}`),
        groups,
        j === 0 ? widths[Math.max(0, level - 1)] : width,
        width,
      ),
    ),
    resample:
      level === last
        ? undefined
        : conv2d(encoder.child(`down_blocks.${level}.downsamplers.0.conv`), {
            inputs: width,
            outputs: width,
            kernel: 3,
            stride: 2,
            padding: [
              [0, 1],
              [0, 1],
            ],
          }),
  }))
  const encodeMiddle = middleBlock(encoder.child('mid_block'), parts, deepest)
  const encodeOut = head(encoder, groups, deepest, 2 * config.latent_channels)
  const moments = 2 * config.latent_channels
  const quantize: Layer = config.use_quant_conv
    ? pointwise(root.child('quant_conv'), { inputs: moments, outputs: moments })
    : (_, x) => x

  const dequantize: Layer = config.use_post_quant_conv
    ? pointwise(root.child('post_quant_conv'), {
        inputs: config.latent_channels,
        outputs: config.latent_channels,
      })
    : (_, x) => x
  const decoder = root.child('decoder')
  const decodeIn = conv2d(decoder.child('conv_in'), {
    inputs: config.latent_channels,
    outputs: deepest,
    kernel: 3,
  })
  const decodeMiddle = middleBlock(decoder.child('mid_block'), parts, deepest)
  const up = widths.map((_, index) => {
    const width = widths[last - index]
    const below = widths[Math.min(last, last - index + 1)]
    return {
      resnets: Array.from({ length: layers + 1 }, (_, j) =>
        resnet(decoder.child(`up_blocks.${index}.resnets.${j}`), groups, j === 0 ? below : width, width),
      ),
      resample:
        index === last ? undefined : upsampler(decoder.child(`up_blocks.${index}.upsamplers.0`), width),
    }
  })
  const decodeOut = head(decoder, groups, widths[0], config.out_channels)

  return {
    ...parameterized({ name: NAME, scope: root, names: currentName }),
    config,
    channels: config.in_channels,
    latents: config.latent_channels,
    factor: 2 ** last,
    scale: config.scaling_factor,
    shift: config.shift_factor ?? 0,
    encode(parameters, images) {
      let x = encodeIn(parameters, images)
      for (const { resnets, resample } of down) {
        for (const block of resnets) x = block(parameters, x)
        if (resample) x = resample(parameters, x)
      }
      x = quantize(parameters, encodeOut(parameters, encodeMiddle(parameters, x)))
      const [mean, logVariance] = tf.split(x, 2, 3)
      return { mean, logVariance: tf.clipByValue(logVariance, -30, 20) }
    },
    decode(parameters, latents) {
      let x = decodeMiddle(parameters, decodeIn(parameters, dequantize(parameters, latents)))
      for (const { resnets, resample } of up) {
        for (const block of resnets) x = block(parameters, x)
        if (resample) x = resample(parameters, x)
      }
      return decodeOut(parameters, x)
    },
    decodes: (parameter) => /^(decoder|post_quant_conv)\./.test(parameter),
  }
}

/**
 * Mean over the batch of the divergence of posteriors from N(0, I), summed over a latent's elements; a scalar.
 */
export function klDivergence({ mean, logVariance }: Posterior): tf.Scalar {
  const terms = tf.sub(tf.add(tf.mul(mean, mean), tf.exp(logVariance)), tf.add(logVariance, 1))
  return tf.mul(tf.sum(terms), 0.5 / mean.shape[0]) as tf.Scalar
}

/** mean + deviation · noise. */
export function samplePosterior({ mean, logVariance }: Posterior, noise: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise))
}

function resnet(scope: ParameterScope, groups: number, inputs: number, outputs: number) {
  return resnetBlock(scope, { inputs, outputs, groups, epsilon: EPSILON })
}

/** Residual block, attention in one head, residual block. */
function middleBlock(
  scope: ParameterScope,
  { config, groups }: { readonly config: AutoencoderKlConfig; readonly groups: number },
  channels: number,
): Layer {
  const first = resnet(scope.child('resnets.0'), groups, channels, channels)
  const attention = config.mid_block_add_attention
    ? imageAttention(scope.child('attentions.0'), groups, channels)
    : undefined
  const second = resnet(scope.child('resnets.1'), groups, channels, channels)
  return (parameters, input) => {
    const x = first(parameters, input)
    return second(parameters, attention ? attention(parameters, x) : x)
  }
}

function imageAttention(scope: ParameterScope, groups: number, channels: number): Layer {
  const norm = groupNorm(scope.child('group_norm'), groups, channels, EPSILON)
  const attention = projectedAttention(scope, { channels, heads: 1, bias: true })
  return (parameters, input) => {
    const [batch, height, width] = input.shape as [number, number, number, number]
    const tokens = tf.reshape(norm(parameters, input), [batch, height * width, channels])
    return tf.add(input, tf.reshape(attention(parameters, tokens), input.shape))
  }
}

/** Norm, SiLU, convolution to `outputs`. */
function head(scope: ParameterScope, groups: number, channels: number, outputs: number): Layer {
  const norm = groupNorm(scope.child('conv_norm_out'), groups, channels, EPSILON)
  const conv = conv2d(scope.child('conv_out'), { inputs: channels, outputs, kernel: 3 })
  return (parameters, input) => conv(parameters, silu(norm(parameters, input)))
}

/** Files written by diffusers before 0.18 name the attention's projections otherwise. */
function currentName(name: string): string {
  return name
    .replace(/\.attentions\.0\.(query|key|value)\./, (_, part: string) => `.attentions.0.to_${part[0]}.`)
    .replace('.attentions.0.proj_attn.', '.attentions.0.to_out.0.')
}

function checkBlocks(
  config: AutoencoderKlConfig,
  key: 'down_block_types' | 'up_block_types',
  only: string,
): void {
  const types = config[key]
  const levels = config.block_out_channels.length
  if (types.length !== levels) {
    throw new InputError(
      `${NAME}: "${key}" has ${types.length} entries for the ${levels} of "block_out_channels"; give one for each.`,
    )
  }
  const other = types.find((type) => type !== only)
  if (other !== undefined) {
    throw new InputError(
      `${NAME}: the block type "${other}" in "${key}" is not supported; only "${only}" is.`,
    )
  }
}
