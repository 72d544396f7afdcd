import { float32, type TensorSpec } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import { mish } from '../nn/activations.ts'
import { dropout } from '../nn/dropout.ts'
import { constant, normal } from '../nn/initializers.ts'
import { layerNorm } from '../nn/layer-norm.ts'
import { type Layer, linear, SMALL_NORMAL } from '../nn/linear.ts'
import { ParameterScope } from '../nn/parameter-scope.ts'
import { sinusoidalEmbedding } from '../nn/sinusoidal-embedding.ts'
import { type TransformerOptions, transformerLayer, transformerUniforms } from '../nn/transformer-layer.ts'
import { assemble } from './assemble.ts'
import type { Network, TrajectoryShape } from './network.ts'
import { fromPolicy } from './policy-names.ts'
import { checkMultiple, checkRate, checkSize, checkSizes } from './sizes.ts'

/** Configuration of {@link temporalTransformer}; the defaults are Diffusion Policy's for Push-T. */
export interface TemporalTransformerConfig extends Partial<Omit<TrajectoryShape, 'localCondition'>> {
  readonly horizon: number
  readonly channels: number
  /** Time steps that the condition consists of: each becomes a token of condition/observationSteps numbers. */
  readonly observationSteps?: number
  /** Default 8. */
  readonly layers?: number
  /** Default 4. */
  readonly heads?: number
  /** Width of the tokens, a multiple of `heads`, even; default 256. */
  readonly width?: number
  /** Layers of the condition's encoder; 0 (the default) = a perceptron of two layers. */
  readonly conditionLayers?: number
  /** Whether a time step sees only itself and earlier ones; default true. */
  readonly causal?: boolean
  /** Whether the diffusion time is a token of the memory, or of the trajectory itself; default true. */
  readonly timeAsCondition?: boolean
  /** Dropout of the tokens in training; default 0. */
  readonly tokenDropout?: number
  /** Dropout within the layers in training; default 0.01. */
  readonly layerDropout?: number
}

const NAME = 'temporal transformer'

/**
 * The transformer of Diffusion Policy (Chi et al. 2023, `TransformerForDiffusion`), with its parameter
 * names: a decoder over the trajectory that attends to a memory of the diffusion time and the observations,
 * or, with the time as a token of the trajectory, an encoder only.
 *
 * @throws InputError naming the key of `config` that does not fit
 */
export function temporalTransformer(config: TemporalTransformerConfig): Network {
  const { horizon, channels, condition = 0, observationSteps = 1, conditionLayers = 0 } = config
  const { layers = 8, heads = 4, width = 256, causal = true, timeAsCondition = true } = config
  const { tokenDropout = 0, layerDropout = 0.01 } = config
  const positive = { horizon, channels, observationSteps, layers, heads }
  checkSizes(NAME, positive, ['horizon', 'channels', 'observationSteps', 'layers', 'heads'])
  checkSizes(NAME, { condition, conditionLayers }, ['condition', 'conditionLayers'], 0)
  checkSize(NAME, 'width', width, 4)
  checkMultiple(NAME, 'width', width, 2, 'half of the time embedding are sines')
  checkMultiple(NAME, 'width', width, heads, 'heads share it')
  checkMultiple(NAME, 'condition', condition, observationSteps, 'observation steps share it')
  checkRate(NAME, 'tokenDropout', tokenDropout)
  checkRate(NAME, 'layerDropout', layerDropout)
  if (condition > 0 && !timeAsCondition) {
    throw new InputError(`${NAME}: "timeAsCondition" is false but there is a condition; make it true.`)
  }

  const tokens = timeAsCondition ? horizon : horizon + 1
  const memoryTokens = timeAsCondition ? 1 + (condition > 0 ? observationSteps : 0) : 0
  const observed = condition / observationSteps
  const options: TransformerOptions = { channels: width, heads, rate: layerDropout }

  const scope = new ParameterScope()
  const position = scope.define('pos_emb', { stateShape: [1, tokens, width], initial: normal(0.02) })
  const embed = linear(scope.child('input_emb'), channels, width, SMALL_NORMAL)
  const memoryPosition =
    memoryTokens === 0
      ? undefined
      : scope.define('cond_pos_emb', {
          stateShape: [1, memoryTokens, width],
          // Diffusion Policy leaves these at zero where no observation is embedded.
          initial: condition > 0 ? normal(0.02) : constant(0),
        })
  const embedObservation =
    condition > 0 ? linear(scope.child('cond_obs_emb'), observed, width, SMALL_NORMAL) : undefined
  const stack = (part: 'encoder' | 'decoder', count: number) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${part}.layers.${index}`
      return transformerLayer(scope.child(name), name, part === 'decoder', options)
    })
  const encoderOnly = memoryTokens === 0
  const encoderLayers = stack('encoder', encoderOnly ? layers : conditionLayers)
  const perceptron = !encoderOnly && conditionLayers === 0 ? encoderPerceptron(scope, width) : undefined
  const decoderLayers = encoderOnly ? [] : stack('decoder', layers)
  const finalNorm = layerNorm(scope.child('ln_f'), width)
  const head = linear(scope.child('head'), width, channels, SMALL_NORMAL)

  const mask = causal ? visibility(tokens, tokens, 0) : undefined
  // The time token comes first in the memory, hence the offset.
  const memoryMask = causal && condition > 0 ? visibility(tokens, memoryTokens, 1) : undefined

  const apply: Network['apply'] = (parameters, inputs) => {
    const uniforms = inputs.dropout
    const [batch] = inputs.sample.shape
    const drop = (values: tf.Tensor, name: string) => dropout(values, tokenDropout, uniforms?.[name])
    const time = tf.reshape(sinusoidalEmbedding(inputs.time, width), [batch, 1, width])
    const selfMask = mask && tf.tensor2d(mask, [tokens, tokens])
    const embedded = embed(parameters, inputs.sample)
    let x = encoderOnly ? tf.concat([time, embedded], 1) : embedded
    x = drop(tf.add(x, position(parameters)), 'tokens')

    if (encoderOnly) {
      for (const layer of encoderLayers) x = layer(parameters, x, { mask: selfMask, uniforms })
      x = tf.slice(x as tf.Tensor3D, [0, 1, 0], [batch, horizon, width])
    } else {
      let memory: tf.Tensor = time
      if (embedObservation) {
        const steps = tf.reshape(inputs.condition!, [batch, observationSteps, observed])
        memory = tf.concat([time, embedObservation(parameters, steps)], 1)
      }
      memory = drop(tf.add(memory, memoryPosition!(parameters)), 'memory')
      if (perceptron) memory = perceptron(parameters, memory)
      for (const layer of encoderLayers) memory = layer(parameters, memory, { uniforms })
      const context = {
        mask: selfMask,
        memory,
        memoryMask: memoryMask && tf.tensor2d(memoryMask, [tokens, memoryTokens]),
        uniforms,
      }
      for (const layer of decoderLayers) x = layer(parameters, x, context)
    }
    return head(parameters, finalNorm(parameters, x)) as tf.Tensor3D
  }

  const uniformSpecs = (batch: number): Record<string, TensorSpec> => {
    const specs: Record<string, TensorSpec> = {}
    if (tokenDropout > 0) {
      specs.tokens = float32(batch, tokens, width)
      if (!encoderOnly) specs.memory = float32(batch, memoryTokens, width)
    }
    if (layerDropout > 0) {
      const encoded = encoderOnly ? tokens : memoryTokens
      encoderLayers.forEach((_, index) => {
        Object.assign(specs, transformerUniforms(`encoder.layers.${index}`, options, batch, encoded))
      })
      decoderLayers.forEach((_, index) => {
        const name = `decoder.layers.${index}`
        Object.assign(specs, transformerUniforms(name, options, batch, tokens, memoryTokens))
      })
    }
    return specs
  }

  return assemble({
    name: NAME,
    horizon,
    channels,
    condition,
    localCondition: 0,
    scope,
    apply,
    dropout: uniformSpecs,
    rename: fromPolicy,
    decays: (name) => /weight$/.test(name) && !/(?:norm\d|ln_f)\.weight$/.test(name),
    constants: {
      _dummy_variable: { shape: [0], dtype: 'float32', values: new Float32Array(0) },
      ...(mask && { mask: { shape: [tokens, tokens], dtype: 'float32', values: mask } }),
      ...(memoryMask && {
        memory_mask: { shape: [tokens, memoryTokens], dtype: 'float32', values: memoryMask },
      }),
    },
  })
}

/** Linear, Mish, linear over each token of the memory. */
function encoderPerceptron(scope: ParameterScope, width: number): Layer {
  const first = linear(scope.child('encoder.0'), width, 4 * width, SMALL_NORMAL)
  const second = linear(scope.child('encoder.2'), 4 * width, width, SMALL_NORMAL)
  return (parameters, input) => second(parameters, mish(first(parameters, input)))
}

/** [queries, keys]: 0 where query t may see key s, t ≥ s − offset, and −∞ elsewhere. */
function visibility(queries: number, keys: number, offset: number): Float32Array {
  return Float32Array.from({ length: queries * keys }, (_, index) => {
    const key = index % keys
    return (index - key) / keys >= key - offset ? 0 : -Infinity
  })
}
