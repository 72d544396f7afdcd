import { tf } from '../engine/tf.ts'
import { gelu } from '../nn/activations.ts'
import { pointwise } from '../nn/conv2d.ts'
import { groupNorm } from '../nn/group-norm.ts'
import { layerNorm } from '../nn/layer-norm.ts'
import { type Layer, linear } from '../nn/linear.ts'
import type { ParameterScope, Parameters } from '../nn/parameter-scope.ts'
import { projectedAttention } from '../nn/projected-attention.ts'

/** Sizes of a {@link spatialTransformer}. */
export interface SpatialTransformerOptions {
  readonly channels: number
  readonly heads: number
  /** Transformer blocks. */
  readonly depth: number
  /** Numbers of each token of the condition. */
  readonly context: number
  readonly groups: number
  /** Whether the projections are stored as matrices or as convolutions of width 1. */
  readonly linearProjection: boolean
}

/** [B, H, W, channels] and the condition's tokens [B, L, context] → [B, H, W, channels]. */
export type SpatialTransformer = (parameters: Parameters, input: tf.Tensor, context: tf.Tensor) => tf.Tensor

/** What diffusers has here, whatever the other norms have. */
const EPSILON = 1e-6

/** diffusers' `Transformer2DModel`: every pixel attends to all others and to the condition. */
export function spatialTransformer(
  scope: ParameterScope,
  options: SpatialTransformerOptions,
): SpatialTransformer {
  const { channels, heads, depth, context, groups, linearProjection } = options
  const projection = (name: string): Layer =>
    linearProjection
      ? linear(scope.child(name), channels, channels)
      : pointwise(scope.child(name), { inputs: channels, outputs: channels })
  const norm = groupNorm(scope.child('norm'), groups, channels, EPSILON)
  const projectIn = projection('proj_in')
  const blocks = Array.from({ length: depth }, (_, index) => {
    const block = scope.child(`transformer_blocks.${index}`)
    return {
      norm1: layerNorm(block.child('norm1'), channels),
      toItself: projectedAttention(block.child('attn1'), { channels, heads, bias: false }),
      norm2: layerNorm(block.child('norm2'), channels),
      toContext: projectedAttention(block.child('attn2'), { channels, memory: context, heads, bias: false }),
      norm3: layerNorm(block.child('norm3'), channels),
      widen: linear(block.child('ff.net.0.proj'), channels, 8 * channels),
      narrow: linear(block.child('ff.net.2'), 4 * channels, channels),
    }
  })
  const projectOut = projection('proj_out')

  return (parameters, input, tokens) => {
    const [batch, height, width] = input.shape as [number, number, number, number]
    let x = projectIn(parameters, tf.reshape(norm(parameters, input), [batch, height * width, channels]))
    for (const { norm1, toItself, norm2, toContext, norm3, widen, narrow } of blocks) {
      x = tf.add(x, toItself(parameters, norm1(parameters, x)))
      x = tf.add(x, toContext(parameters, norm2(parameters, x), tokens))
      const [values, gates] = tf.split(widen(parameters, norm3(parameters, x)), 2, 2)
      x = tf.add(x, narrow(parameters, tf.mul(values, gelu(gates))))
    }
    return tf.add(input, tf.reshape(projectOut(parameters, x), input.shape))
  }
}
