import type { tf } from '../engine/tf.ts'
import { attend } from './attention.ts'
import { type Layer, linear } from './linear.ts'
import type { ParameterScope, Parameters } from './parameter-scope.ts'

/** Sizes and names of a {@link projectedAttention}. */
export interface ProjectedAttentionOptions {
  /** Numbers of each query token. */
  readonly channels: number
  /** Numbers of each token that is attended to; `channels` by default. */
  readonly memory?: number
  readonly heads: number
  /** Whether queries, keys and values have biases; the output always has one. */
  readonly bias: boolean
  /** Names of the projections; diffusers' by default. */
  readonly names?: {
    readonly query: string
    readonly key: string
    readonly value: string
    readonly out: string
  }
}

/** Attends from `query` [B, T, channels] to `memory` [B, S, memory], itself where absent; `mask` [T, S] is added to the scores. */
export type ProjectedAttention = (
  parameters: Parameters,
  query: tf.Tensor,
  memory?: tf.Tensor,
  mask?: tf.Tensor,
) => tf.Tensor

const DIFFUSERS = { query: 'to_q', key: 'to_k', value: 'to_v', out: 'to_out.0' }

/** Attention with a projection of its own for each of queries, keys and values, as diffusers and CLIP have it. */
export function projectedAttention(
  scope: ParameterScope,
  { channels, memory = channels, heads, bias, names = DIFFUSERS }: ProjectedAttentionOptions,
): ProjectedAttention {
  const options = bias ? {} : ({ bias: false } as const)
  const toQuery = linear(scope.child(names.query), channels, channels, options)
  const toKey = linear(scope.child(names.key), memory, channels, options)
  const toValue = linear(scope.child(names.value), memory, channels, options)
  const toOutput: Layer = linear(scope.child(names.out), channels, channels)
  return (parameters, query, attended = query, mask) => {
    const [q, k, v] = [toQuery(parameters, query), toKey(parameters, attended), toValue(parameters, attended)]
    return toOutput(parameters, attend(q, k, v, heads, { mask }))
  }
}
