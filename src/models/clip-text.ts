import { z } from 'zod'
import { tf } from '../engine/tf.ts'
import { InputError, lookUp } from '../errors.ts'
import { gelu } from '../nn/activations.ts'
import { constant, normal } from '../nn/initializers.ts'
import { layerNorm } from '../nn/layer-norm.ts'
import { linear } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import { projectedAttention } from '../nn/projected-attention.ts'
import { type Parameterized, parameterized } from './parameterized.ts'
import { checkMultiple } from './sizes.ts'

const count = z.int().positive()

/** What matters in the `config.json` of transformers' `CLIPTextModel`; its other keys are kept. */
export const clipTextSchema = z.looseObject({
  vocab_size: count.default(49_408),
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  max_position_embeddings: count.default(77),
  hidden_act: z.string().default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})

export type ClipTextConfig = z.output<typeof clipTextSchema>

/** The text encoder of Stable Diffusion. */
export interface ClipText extends Parameterized {
  /** Numbers of each token's embedding. */
  readonly width: number
  /** Most tokens of a text. */
  readonly tokens: number
  readonly vocabulary: number
  /** Token numbers [B, L] int32 → the last layer's states after the final norm, [B, L, width]. */
  apply(parameters: Parameters, ids: tf.Tensor): tf.Tensor
}

const NAME = 'CLIP text encoder'
const PROJECTIONS = { query: 'q_proj', key: 'k_proj', value: 'v_proj', out: 'out_proj' }

const ACTIVATIONS: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  quick_gelu: (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))),
  gelu,
}

/**
 * The text transformer of CLIP (Radford et al. 2021, arXiv 2103.00020) as transformers' `CLIPTextModel`, with its
 * parameter names: causal, pre-norm.
 *
 * @throws InputError naming the key of `config` that does not fit
 */
export function clipText(config: ClipTextConfig): ClipText {
  const { hidden_size: width, num_attention_heads: heads, layer_norm_eps: epsilon } = config
  const { intermediate_size: inner, max_position_embeddings: tokens, vocab_size: vocabulary } = config
  checkMultiple(NAME, 'hidden_size', width, heads, 'heads share it')
  const activation = lookUp(`${NAME} activation`, ACTIVATIONS, config.hidden_act)
  const root = new ParameterScope('text_model')
  const embeddings = root.child('embeddings')
  const token = embeddings.child('token_embedding').define('weight', {
    stateShape: [vocabulary, width],
    initial: normal(0.02),
  })
  const position = embeddings.child('position_embedding').define('weight', {
    stateShape: [tokens, width],
    initial: normal(0.02),
  })
  const deviation = width ** -0.5
  const layers = Array.from({ length: config.num_hidden_layers }, (_, index) => {
    const scope = root.child(`encoder.layers.${index}`)
    return {
      norm1: layerNorm(scope.child('layer_norm1'), width, epsilon),
      attend: projectedAttention(scope.child('self_attn'), {
        channels: width,
        heads,
        bias: true,
        names: PROJECTIONS,
      }),
      norm2: layerNorm(scope.child('layer_norm2'), width, epsilon),
      first: linear(scope.child('mlp.fc1'), width, inner, {
        weight: normal(deviation * 2 ** -0.5),
        bias: constant(0),
      }),
      second: linear(scope.child('mlp.fc2'), inner, width, { weight: normal(deviation), bias: constant(0) }),
    }
  })
  const finalNorm = layerNorm(root.child('final_layer_norm'), width, epsilon)
  return {
    ...parameterized({ name: NAME, scope: root, names: clipNames }),
    width,
    tokens,
    vocabulary,
    apply(parameters, ids) {
      const length = ids.shape[1]!
      if (length > tokens)
        throw new InputError(`${NAME}: ${length} tokens are more than its ${tokens}; cut the text.`)
      const places = tf.slice(position(parameters) as tf.Tensor2D, [0, 0], [length, width])
      const mask = tf.tensor2d(causalMask(length), [length, length])
      let x: tf.Tensor = tf.add(tf.gather(token(parameters), ids as tf.Tensor2D), places)
      for (const { norm1, attend, norm2, first, second } of layers) {
        x = tf.add(x, attend(parameters, norm1(parameters, x), undefined, mask))
        x = tf.add(x, second(parameters, activation(first(parameters, norm2(parameters, x)))))
      }
      return finalNorm(parameters, x)
    },
  }
}

/** Older files lack the prefix or hold buffers; whole CLIP models hold an image encoder too. */
function clipNames(name: string): string | undefined {
  if (
    /(^|\.)position_ids$/.test(name) ||
    /^(vision_model|visual_projection|text_projection|logit_scale)\b/.test(name)
  ) {
    return undefined
  }
  return /^(embeddings|encoder|final_layer_norm)\./.test(name) ? `text_model.${name}` : name
}

/** [length, length]: 0 where token t may see token s ≤ t, and −∞ elsewhere. */
function causalMask(length: number): Float32Array {
  return Float32Array.from({ length: length * length }, (_, index) =>
    index % length <= Math.floor(index / length) ? 0 : -Infinity,
  )
}
