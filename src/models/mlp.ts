import { tf } from '../engine/tf.ts'
import { silu } from '../nn/activations.ts'
import { fourierFeatures } from '../nn/fourier-features.ts'
import { constant } from '../nn/initializers.ts'
import { layerNorm } from '../nn/layer-norm.ts'
import { linear } from '../nn/linear.ts'
import { ParameterScope } from '../nn/parameter-scope.ts'
import { sinusoidalEmbedding } from '../nn/sinusoidal-embedding.ts'
import { assemble } from './assemble.ts'
import type { Network, TrajectoryShape } from './network.ts'
import { checkMultiple, checkSize, checkSizes } from './sizes.ts'

/** Configuration of {@link mlp}. */
export interface MlpConfig extends Partial<Omit<TrajectoryShape, 'localCondition'>> {
  readonly horizon: number
  readonly channels: number
  /** Hidden features; default 512. */
  readonly width?: number
  /** Residual blocks; default 3. */
  readonly blocks?: number
  /** Width of the time embedding, even, at least 4; default 64. */
  readonly timeEmbedding?: number
  /** Octaves of sines and cosines of the condition that are seen beside it; default 0. */
  readonly octaves?: number
}

const NAME = 'MLP'

/**
 * A residual perceptron over whole trajectories, for small tasks. Time and condition enter at the input and
 * modulate every block (scale and shift, as in FiLM). The last layer of each block starts at zero, so that
 * training begins at the identity (as in Peebles and Xie 2022).
 *
 * @throws InputError naming the key of `config` that does not fit
 */
export function mlp(config: MlpConfig): Network {
  const {
    horizon,
    channels,
    condition = 0,
    width = 512,
    blocks = 3,
    timeEmbedding = 64,
    octaves = 0,
  } = config
  checkSizes(NAME, { horizon, channels, width, blocks }, ['horizon', 'channels', 'width', 'blocks'])
  checkSize(NAME, 'condition', condition, 0)
  checkSize(NAME, 'octaves', octaves, 0)
  checkSize(NAME, 'timeEmbedding', timeEmbedding, 4)
  checkMultiple(NAME, 'timeEmbedding', timeEmbedding, 2, 'half of it are sines, half cosines')

  const size = horizon * channels
  const features = timeEmbedding + condition * (1 + 2 * octaves)
  const zero = { weight: constant(0), bias: constant(0) }
  const scope = new ParameterScope()
  const encode = linear(scope.child('encoder.0'), features, width)
  const input = linear(scope.child('input'), size + features, width)
  const layers = Array.from({ length: blocks }, (_, index) => {
    const block = scope.child(`blocks.${index}`)
    return {
      norm: layerNorm(block.child('norm'), width),
      first: linear(block.child('first'), width, width),
      scale: linear(block.child('scale'), width, width, zero),
      shift: linear(block.child('shift'), width, width, zero),
      second: linear(block.child('second'), width, width, zero),
    }
  })
  const norm = layerNorm(scope.child('norm'), width)
  const output = linear(scope.child('output'), width, size)

  const apply: Network['apply'] = (parameters, inputs) => {
    const [batch] = inputs.sample.shape
    const time = sinusoidalEmbedding(inputs.time, timeEmbedding)
    const given = condition > 0 ? [time, fourierFeatures(inputs.condition!, octaves)] : [time]
    const embedding = silu(encode(parameters, tf.concat(given, 1)))
    let x = input(parameters, tf.concat([tf.reshape(inputs.sample, [batch, size]), ...given], 1))
    for (const layer of layers) {
      const hidden = layer.first(parameters, layer.norm(parameters, x))
      const scale = layer.scale(parameters, embedding)
      const modulated = tf.add(tf.add(hidden, tf.mul(hidden, scale)), layer.shift(parameters, embedding))
      x = tf.add(x, layer.second(parameters, silu(modulated)))
    }
    return tf.reshape(output(parameters, norm(parameters, x)), [batch, horizon, channels])
  }
  return assemble({ name: NAME, horizon, channels, condition, localCondition: 0, scope, apply })
}
