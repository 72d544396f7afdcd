import { float32 } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import { silu } from '../nn/activations.ts'
import { attend } from '../nn/attention.ts'
import { conv2d, pointwise } from '../nn/conv2d.ts'
import { dropout as drop } from '../nn/dropout.ts'
import { groupNorm } from '../nn/group-norm.ts'
import { constant, normal } from '../nn/initializers.ts'
import { type Layer, linear } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import { upsample } from '../nn/resample.ts'
import { timestepEmbedding } from '../nn/timestep-embedding.ts'
import { assemble } from './assemble.ts'
import type { Network, NetworkInputs } from './network.ts'
import { checkMultiple, checkRate, checkSize, checkSizes } from './sizes.ts'

/** Configuration of {@link imageUnet}; the names in brackets are torchcfm's. */
export interface ImageUnetConfig {
  readonly height: number
  readonly width: number
  /** Colours of a pixel. */
  readonly colors: number
  /** Classes of a conditional network; 0 for none, the default. */
  readonly classes?: number
  /** Channels of the first level (`num_channels`), a multiple of 32. */
  readonly base?: number
  /** Channels of each level as multiples of `base` (`channel_mult`); default 1, 2. */
  readonly multiples?: readonly number[]
  /** Residual blocks at each level (`num_res_blocks`); default 1. */
  readonly blocks?: number
  /** Heights of the levels that attend (`attention_resolutions`); default none but the innermost block's. */
  readonly attention?: readonly number[]
  /** Heads of the attention (`num_heads`), unless `headWidth` is given; default 1. */
  readonly heads?: number
  /** Channels of a head (`num_head_channels`). */
  readonly headWidth?: number
  /** Share of the features dropped within residual blocks while training; default 0. */
  readonly dropout?: number
  /** Whether time scales the features besides shifting them (`use_scale_shift_norm`); default false. */
  readonly scale?: boolean
}

const NAME = 'image U-Net'
/** Groups of every normalisation, fixed in the original. */
const GROUPS = 32
const ZERO = { weight: constant(0), bias: constant(0) }

/** A layer that is also told the time. */
type Block = (
  parameters: Parameters,
  input: tf.Tensor,
  features: tf.Tensor,
  inputs: NetworkInputs,
) => tf.Tensor

/**
 * The U-Net of torchcfm (`UNetModel`, from "Diffusion Models Beat GANs", Dhariwal and Nichol 2021, arXiv
 * 2105.05233), with its parameter names. Samples are images of `height` × `width` pixels, row by row: the
 * network's `horizon` is their number and its `channels` are the colours. The condition is one number for each
 * class, [B, classes]: a one for the class, or zeros for "any class", as guidance wants it.
 *
 * @throws InputError naming the key of `config` that does not fit
 */
export function imageUnet(config: ImageUnetConfig): Network {
  const { height, width, colors, classes = 0, base = 32, multiples = [1, 2], blocks = 1 } = config
  const { attention = [], heads = 1, headWidth, dropout = 0, scale = false } = config
  checkSizes(NAME, { height, width, colors, base, blocks, heads }, [
    'height',
    'width',
    'colors',
    'base',
    'blocks',
    'heads',
  ])
  checkSize(NAME, 'classes', classes, 0)
  checkRate(NAME, 'dropout', dropout)
  if (multiples.length === 0) throw new InputError(`${NAME}: "multiples" is empty; give at least one level.`)
  const widths = multiples.map((multiple, level) => {
    checkSize(NAME, `multiples[${level}]`, multiple)
    checkMultiple(NAME, 'base', base * multiple, GROUPS, 'the groups of every normalisation')
    return base * multiple
  })
  const halvings = 2 ** (multiples.length - 1)
  for (const [key, size] of Object.entries({ height, width })) {
    checkMultiple(NAME, key, size, halvings, 'each level but the last halves it')
  }
  for (const size of attention) {
    if (!multiples.some((_, level) => height / 2 ** level === size)) {
      const known = multiples.map((_, level) => height / 2 ** level)
      throw new InputError(
        `${NAME}: "attention" names a height of ${size}, which no level has; choose among ${known.join(', ')}.`,
      )
    }
  }
  if (headWidth !== undefined) {
    for (const channels of widths) checkMultiple(NAME, 'base', channels, headWidth, 'the channels of a head')
  }

  const scope = new ParameterScope()
  const embedding = 4 * base
  const encode = linear(scope.child('time_embed.0'), base, embedding)
  const project = linear(scope.child('time_embed.2'), embedding, embedding)
  const labels =
    classes > 0
      ? scope.child('label_emb').define('weight', { stateShape: [classes, embedding], initial: normal(1) })
      : undefined
  /** Shape of the features that each residual block drops from, by the block's name. */
  const dropped = new Map<string, readonly number[]>()
  const residual = (name: string, inputs: number, outputs: number, level: number): Block => {
    const shape = [height / 2 ** level, width / 2 ** level, outputs]
    if (dropout > 0) dropped.set(name, shape)
    return residualBlock(scope.child(name), { name, inputs, outputs, embedding, scale, dropout })
  }
  const attending = (name: string, channels: number): Block =>
    attentionBlock(scope.child(name), channels, headWidth === undefined ? heads : channels / headWidth)
  const plain =
    (layer: Layer): Block =>
    (parameters, input) =>
      layer(parameters, input)

  const first = conv2d(scope.child('input_blocks.0.0'), { inputs: colors, outputs: widths[0], kernel: 3 })
  const down: Block[][] = [[plain(first)]]
  const skipped = [widths[0]]
  let channels = widths[0]
  widths.forEach((outputs, level) => {
    for (let block = 0; block < blocks; block++) {
      const name = `input_blocks.${down.length}`
      const layers = [residual(`${name}.0`, channels, outputs, level)]
      if (attention.includes(height / 2 ** level)) layers.push(attending(`${name}.1`, outputs))
      down.push(layers)
      skipped.push(outputs)
      channels = outputs
    }
    if (level === widths.length - 1) return
    const resample = scope.child(`input_blocks.${down.length}.0.op`)
    down.push([plain(conv2d(resample, { inputs: channels, outputs: channels, kernel: 3, stride: 2 }))])
    skipped.push(channels)
  })
  const last = widths.length - 1
  const middle = [
    residual('middle_block.0', channels, channels, last),
    attending('middle_block.1', channels),
    residual('middle_block.2', channels, channels, last),
  ]
  const up: Block[][] = []
  for (let level = last; level >= 0; level--) {
    for (let block = 0; block <= blocks; block++) {
      const name = `output_blocks.${up.length}`
      const layers = [residual(`${name}.0`, channels + skipped.pop()!, widths[level], level)]
      channels = widths[level]
      if (attention.includes(height / 2 ** level)) layers.push(attending(`${name}.1`, channels))
      if (level > 0 && block === blocks) {
        const conv = scope.child(`${name}.${layers.length}.conv`)
        const smooth = conv2d(conv, { inputs: channels, outputs: channels, kernel: 3 })
        layers.push(plain((parameters, input) => smooth(parameters, upsample(input))))
      }
      up.push(layers)
    }
  }
  const norm = groupNorm(scope.child('out.0'), GROUPS, channels)
  const output = conv2d(scope.child('out.2'), { inputs: channels, outputs: colors, kernel: 3, ...ZERO })

  const apply: Network['apply'] = (parameters, inputs) => {
    const { sample, time, condition } = inputs
    const [batch] = sample.shape
    const encoded = project(
      parameters,
      silu(encode(parameters, timestepEmbedding(time, base, { cosinesFirst: true }))),
    )
    const joined = labels
      ? tf.add(encoded, tf.matMul(condition!, labels(parameters) as tf.Tensor2D))
      : encoded
    // Every residual block begins with the SiLU of the same features.
    const features = silu(joined)
    const through = (layers: readonly Block[], input: tf.Tensor) =>
      layers.reduce((x, layer) => layer(parameters, x, features, inputs), input)
    const kept: tf.Tensor[] = []
    let x: tf.Tensor = tf.reshape(sample, [batch, height, width, colors])
    for (const layers of down) {
      x = through(layers, x)
      kept.push(x)
    }
    x = through(middle, x)
    for (const layers of up) x = through(layers, tf.concat([x, kept.pop()!], 3))
    const image = output(parameters, silu(norm(parameters, x)))
    return tf.reshape(image, [batch, height * width, colors])
  }
  return assemble({
    name: NAME,
    horizon: height * width,
    channels: colors,
    condition: classes,
    localCondition: 0,
    scope,
    apply,
    dropout: (batch) =>
      Object.fromEntries([...dropped].map(([name, shape]) => [name, float32(batch, ...shape)])),
  })
}

interface ResidualOptions {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly embedding: number
  readonly scale: boolean
  readonly dropout: number
}

/** `ResBlock` without resampling. Its second convolution starts at zero, so that it begins as its shortcut. */
function residualBlock(scope: ParameterScope, options: ResidualOptions): Block {
  const { name, inputs, outputs, embedding, scale, dropout } = options
  const firstNorm = groupNorm(scope.child('in_layers.0'), GROUPS, inputs)
  const first = conv2d(scope.child('in_layers.2'), { inputs, outputs, kernel: 3 })
  const encode = linear(scope.child('emb_layers.1'), embedding, scale ? 2 * outputs : outputs)
  const secondNorm = groupNorm(scope.child('out_layers.0'), GROUPS, outputs)
  const second = conv2d(scope.child('out_layers.3'), { inputs: outputs, outputs, kernel: 3, ...ZERO })
  const shortcut: Layer =
    inputs === outputs ? (_, input) => input : pointwise(scope.child('skip_connection'), { inputs, outputs })
  return (parameters, input, features, { dropout: uniform }) => {
    const hidden = first(parameters, silu(firstNorm(parameters, input)))
    const encoded = encode(parameters, features)
    const each = (values: tf.Tensor) => tf.reshape(values, [-1, 1, 1, outputs])
    let modulated: tf.Tensor
    if (scale) {
      const [factor, shift] = tf.split(encoded, 2, 1)
      const normal = secondNorm(parameters, hidden)
      modulated = tf.add(tf.mul(normal, tf.add(each(factor), 1)), each(shift))
    } else {
      modulated = secondNorm(parameters, tf.add(hidden, each(encoded)))
    }
    const result = second(parameters, drop(silu(modulated), dropout, uniform?.[name]))
    return tf.add(shortcut(parameters, input), result)
  }
}

/** `AttentionBlock` with the original order of channels: queries, keys and values of one head after another's. */
function attentionBlock(scope: ParameterScope, channels: number, heads: number): Block {
  const norm = groupNorm(scope.child('norm'), GROUPS, channels)
  const qkv = pointwise(scope.child('qkv'), { inputs: channels, outputs: 3 * channels }, 1)
  const output = pointwise(scope.child('proj_out'), { inputs: channels, outputs: channels, ...ZERO }, 1)
  return (parameters, input) => {
    const [batch, height, width] = input.shape as [number, number, number, number]
    const places = tf.reshape(input, [batch, height * width, channels])
    const packed = qkv(parameters, norm(parameters, places))
    const byHead = tf.reshape(packed, [batch, height * width, heads, 3, channels / heads])
    const [q, k, v] = tf.unstack(byHead, 3).map((part) => tf.reshape(part, places.shape))
    return tf.reshape(tf.add(places, output(parameters, attend(q, k, v, heads))), input.shape)
  }
}
