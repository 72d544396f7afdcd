import type { TensorSpec } from '../engine/tensor.ts'
import { float32 } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { gelu } from './activations.ts'
import { attention } from './attention.ts'
import { dropout } from './dropout.ts'
import { layerNorm } from './layer-norm.ts'
import { linear, SMALL_NORMAL } from './linear.ts'
import type { ParameterScope, Parameters } from './parameter-scope.ts'

/** Sizes of a transformer layer. */
export interface TransformerOptions {
  readonly channels: number
  readonly heads: number
  /** Dropout of attention weights, of the hidden features and of each branch. */
  readonly rate: number
}

/** Masks and memory of one application; all but `uniforms` are shared between layers. */
export interface TransformerContext {
  /** Added to the scores of self-attention, [T, T]. */
  readonly mask?: tf.Tensor
  /** [B, S, channels], for layers with cross-attention. */
  readonly memory?: tf.Tensor
  /** Added to the scores of cross-attention, [T, S]. */
  readonly memoryMask?: tf.Tensor
  /** Uniform numbers of every dropout of the network, by the names of {@link transformerUniforms}. */
  readonly uniforms?: Record<string, tf.Tensor>
}

/** [B, T, channels] → [B, T, channels]. */
export type TransformerLayer = (
  parameters: Parameters,
  input: tf.Tensor,
  context: TransformerContext,
) => tf.Tensor

/**
 * `torch.nn.TransformerEncoderLayer`, or with `cross` `TransformerDecoderLayer`, with the normalisation
 * before each branch and GELU, as Diffusion Policy configures them.
 *
 * @param name of the layer in the network, which its dropout's uniform numbers are named by
 */
export function transformerLayer(
  scope: ParameterScope,
  name: string,
  cross: boolean,
  { channels, heads, rate }: TransformerOptions,
): TransformerLayer {
  const selfAttention = attention(scope.child('self_attn'), channels, heads, rate)
  const crossAttention = cross ? attention(scope.child('multihead_attn'), channels, heads, rate) : undefined
  const widen = linear(scope.child('linear1'), channels, 4 * channels, SMALL_NORMAL)
  const narrow = linear(scope.child('linear2'), 4 * channels, channels, SMALL_NORMAL)
  const norms = (cross ? [1, 2, 3] : [1, 2]).map((n) => layerNorm(scope.child(`norm${n}`), channels))
  const feedForwardNorm = norms[norms.length - 1]

  return (parameters, input, { mask, memory, memoryMask, uniforms }) => {
    const drop = (values: tf.Tensor, place: string) => dropout(values, rate, uniforms?.[`${name}.${place}`])
    const uniform = uniforms?.[`${name}.self_attn`]
    const query = norms[0](parameters, input)
    let x = tf.add(input, drop(selfAttention(parameters, { query, mask, uniform }), 'branch1'))
    if (crossAttention) {
      const attended = crossAttention(parameters, {
        query: norms[1](parameters, x),
        memory,
        mask: memoryMask,
        uniform: uniforms?.[`${name}.multihead_attn`],
      })
      x = tf.add(x, drop(attended, 'branch2'))
    }
    const hidden = drop(gelu(widen(parameters, feedForwardNorm(parameters, x))), 'hidden')
    return tf.add(x, drop(narrow(parameters, hidden), 'branch3'))
  }
}

/** Shapes of the uniform numbers that one layer's dropout needs, for B samples of T tokens and a memory of S. */
export function transformerUniforms(
  name: string,
  { channels, heads }: TransformerOptions,
  batch: number,
  tokens: number,
  memory?: number,
): Record<string, TensorSpec> {
  const specs: Record<string, TensorSpec> = {
    [`${name}.self_attn`]: float32(batch, heads, tokens, tokens),
    [`${name}.branch1`]: float32(batch, tokens, channels),
    [`${name}.hidden`]: float32(batch, tokens, 4 * channels),
    [`${name}.branch3`]: float32(batch, tokens, channels),
  }
  if (memory !== undefined) {
    specs[`${name}.multihead_attn`] = float32(batch, heads, tokens, memory)
    specs[`${name}.branch2`] = float32(batch, tokens, channels)
  }
  return specs
}
