import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import { mish } from '../nn/activations.ts'
import { conv1d, transposedConv1d } from '../nn/conv1d.ts'
import { film } from '../nn/film.ts'
import { groupNorm } from '../nn/group-norm.ts'
import { type Layer, linear } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import { sinusoidalEmbedding } from '../nn/sinusoidal-embedding.ts'
import { assemble } from './assemble.ts'
import type { Network, TrajectoryShape } from './network.ts'
import { fromPolicy } from './policy-names.ts'
import { checkMultiple, checkSize, checkSizes } from './sizes.ts'

/** Configuration of {@link temporalUnet}; the defaults are Diffusion Policy's for low-dimensional tasks. */
export interface TemporalUnetConfig extends Partial<TrajectoryShape> {
  /** A multiple of 2 to the number of `widths` less one. */
  readonly horizon: number
  readonly channels: number
  /** Channels of each level, multiples of `groups`; the first one of 8. Default 256, 512, 1024. */
  readonly widths?: readonly number[]
  /** Width of the convolutions, odd; default 5. */
  readonly kernel?: number
  /** Groups of the normalisation; default 8. */
  readonly groups?: number
  /** Width of the time embedding, even, at least 4; default 256. */
  readonly timeEmbedding?: number
  /** Whether the condition scales the features, or only shifts them; default true. */
  readonly scale?: boolean
}

/** A residual block: [B, T, inputs] and the condition's features → [B, T, outputs]. */
type Block = (parameters: Parameters, input: tf.Tensor, features: tf.Tensor) => tf.Tensor

const NAME = 'temporal U-Net'
/** The last block's groups do not follow the configuration in Diffusion Policy. */
const FINAL_GROUPS = 8

/**
 * The conditional temporal U-Net of Diffusion Policy (Chi et al. 2023, `ConditionalUnet1D`), with its
 * parameter names. Kept as they are there, for the sake of published checkpoints: every level of the way up
 * ends with an up-sampling, and the second encoder of the local condition is never used.
 *
 * @throws InputError naming the key of `config` that does not fit
 */
export function temporalUnet(config: TemporalUnetConfig): Network {
  const { horizon, channels, condition = 0, localCondition = 0, scale = true } = config
  const { widths = [256, 512, 1024], kernel = 5, groups = 8, timeEmbedding = 256 } = config
  checkSizes(NAME, { horizon, channels, kernel, groups }, ['horizon', 'channels', 'kernel', 'groups'])
  checkSizes(NAME, { condition, localCondition }, ['condition', 'localCondition'], 0)
  checkSize(NAME, 'timeEmbedding', timeEmbedding, 4)
  checkMultiple(NAME, 'timeEmbedding', timeEmbedding, 2, 'half of it are sines, half cosines')
  if (widths.length < 2) {
    throw new InputError(`${NAME}: "widths" has ${widths.length} entries; give at least 2 levels.`)
  }
  widths.forEach((width, level) => {
    checkSize(NAME, `widths[${level}]`, width)
    checkMultiple(NAME, `widths[${level}]`, width, groups, 'the groups of its normalisation')
  })
  checkMultiple(NAME, 'widths[0]', widths[0], FINAL_GROUPS, 'the groups of the last normalisation')
  if (kernel % 2 === 0) throw new InputError(`${NAME}: "kernel" is ${kernel}; give an odd number.`)
  checkMultiple(NAME, 'horizon', horizon, 2 ** (widths.length - 1), 'each level but the last halves it')

  const scope = new ParameterScope()
  const embeddingScope = scope.child('diffusion_step_encoder')
  const embed = linear(embeddingScope.child('1'), timeEmbedding, 4 * timeEmbedding)
  const project = linear(embeddingScope.child('3'), 4 * timeEmbedding, timeEmbedding)
  const block = (name: string, inputs: number, outputs: number) =>
    residualBlock(scope.child(name), {
      inputs,
      outputs,
      features: timeEmbedding + condition,
      kernel,
      groups,
      scale,
    })

  const local = localCondition > 0 ? block('local_cond_encoder.0', localCondition, widths[0]) : undefined
  if (local) block('local_cond_encoder.1', localCondition, widths[0])

  const last = widths.length - 1
  const down = widths.map((width, level) => ({
    first: block(`down_modules.${level}.0`, level === 0 ? channels : widths[level - 1], width),
    second: block(`down_modules.${level}.1`, width, width),
    resample: level < last ? downsample(scope.child(`down_modules.${level}.2.conv`), width) : undefined,
  }))
  const middle = [0, 1].map((index) => block(`mid_modules.${index}`, widths[last], widths[last]))
  const up = widths.slice(0, -1).map((_, index) => {
    const width = widths[last - 1 - index]
    return {
      first: block(`up_modules.${index}.0`, 2 * widths[last - index], width),
      second: block(`up_modules.${index}.1`, width, width),
      resample: upsample(scope.child(`up_modules.${index}.2.conv`), width),
    }
  })
  const finalBlock = convBlock(scope.child('final_conv.0.block'), widths[0], widths[0], kernel, FINAL_GROUPS)
  const output = conv1d(scope.child('final_conv.1'), { inputs: widths[0], outputs: channels, kernel: 1 })

  const apply: Network['apply'] = (parameters, inputs) => {
    const time = sinusoidalEmbedding(inputs.time, timeEmbedding)
    const embedding = project(parameters, mish(embed(parameters, time)))
    const joined = condition > 0 ? tf.concat([embedding, inputs.condition!], 1) : embedding
    // Every block begins with the Mish of the same features.
    const features = mish(joined)
    const skipped: tf.Tensor[] = []
    let x: tf.Tensor = inputs.sample
    down.forEach(({ first, second, resample }, level) => {
      x = first(parameters, x, features)
      if (level === 0 && local) x = tf.add(x, local(parameters, inputs.localCondition!, features))
      x = second(parameters, x, features)
      skipped.push(x)
      if (resample) x = resample(parameters, x)
    })
    for (const each of middle) x = each(parameters, x, features)
    for (const { first, second, resample } of up) {
      x = first(parameters, tf.concat([x, skipped.pop()!], 2), features)
      x = second(parameters, x, features)
      x = resample(parameters, x)
    }
    return output(parameters, finalBlock(parameters, x)) as tf.Tensor3D
  }

  return assemble({
    name: NAME,
    horizon,
    channels,
    condition,
    localCondition,
    scope,
    apply,
    rename: fromPolicy,
  })
}

interface BlockOptions {
  readonly inputs: number
  readonly outputs: number
  readonly features: number
  readonly kernel: number
  readonly groups: number
  readonly scale: boolean
}

function residualBlock(scope: ParameterScope, options: BlockOptions): Block {
  const { inputs, outputs, features, kernel, groups, scale } = options
  const first = convBlock(scope.child('blocks.0.block'), inputs, outputs, kernel, groups)
  const second = convBlock(scope.child('blocks.1.block'), outputs, outputs, kernel, groups)
  const encode = linear(scope.child('cond_encoder.1'), features, scale ? 2 * outputs : outputs)
  const shortcut: Layer =
    inputs === outputs
      ? (_, input) => input
      : conv1d(scope.child('residual_conv'), { inputs, outputs, kernel: 1 })
  return (parameters, input, condition) => {
    const modulated = film(first(parameters, input), encode(parameters, condition))
    return tf.add(second(parameters, modulated), shortcut(parameters, input))
  }
}

/** Convolution, group norm, Mish. */
function convBlock(
  scope: ParameterScope,
  inputs: number,
  outputs: number,
  kernel: number,
  groups: number,
): Layer {
  const conv = conv1d(scope.child('0'), { inputs, outputs, kernel, padding: (kernel - 1) / 2 })
  const norm = groupNorm(scope.child('1'), groups, outputs)
  return (parameters, input) => mish(norm(parameters, conv(parameters, input)))
}

function downsample(scope: ParameterScope, width: number): Layer {
  return conv1d(scope, { inputs: width, outputs: width, kernel: 3, stride: 2, padding: 1 })
}

function upsample(scope: ParameterScope, width: number): Layer {
  return transposedConv1d(scope, { inputs: width, outputs: width, kernel: 4, stride: 2, padding: 1 })
}
