import { tf } from '../engine/tf.ts'

/** Tensors by parameter name. */
export type Tensors = Record<string, tf.Tensor>

/** Settings of {@link adamw}; the defaults are PyTorch's. */
export interface AdamwOptions {
  /** Decay rates of the two moments; default 0.9 and 0.999. */
  readonly betas?: readonly [number, number]
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number
  /** Decoupled weight decay; default 0.01. */
  readonly weightDecay?: number
  /** Which parameters are decayed; all where absent. */
  readonly decays?: (parameter: string) => boolean
}

/** What changes from step to step; all scalars. */
export interface AdamwInputs {
  readonly learningRate: tf.Tensor
  /** 1 − β₁ⁿ at the n-th update, counted from 1; see {@link biasCorrections}. */
  readonly biasCorrection1: tf.Tensor
  /** 1 − β₂ⁿ. */
  readonly biasCorrection2: tf.Tensor
  /** Factor of the gradients, from clipping; 1 where absent. */
  readonly gradientScale?: tf.Tensor
}

/** The two moments, by parameter. */
export interface AdamwState {
  readonly first: Tensors
  readonly second: Tensors
}

/** A pair of pure functions over trees of tensors. */
export interface Adamw {
  /** Moments of zero. */
  init(parameters: Tensors): AdamwState
  /** One update. A parameter without a gradient stays as it is, moments included. */
  update(
    gradients: Partial<Tensors>,
    state: AdamwState,
    parameters: Tensors,
    inputs: AdamwInputs,
  ): { parameters: Tensors; state: AdamwState }
}

/**
 * AdamW (Loshchilov and Hutter 2017) as `torch.optim.AdamW`. The bias corrections and the clipping factor are
 * folded into scalars: p ← p(1 − λη) − η√c₂/c₁ · m/(√v + ε√c₂), so that no pass over memory is spent on them.
 */
export function adamw(options: AdamwOptions = {}): Adamw {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.01, decays = () => true } = options
  const [beta1, beta2] = betas
  return {
    init: (parameters) => ({ first: zeros(parameters), second: zeros(parameters) }),
    update: (gradients, state, parameters, inputs) => {
      const { learningRate, biasCorrection1, biasCorrection2, gradientScale } = inputs
      const root = tf.sqrt(biasCorrection2)
      const stepSize = tf.div(tf.mul(learningRate, root), biasCorrection1)
      const shift = tf.mul(root, epsilon)
      const kept = tf.sub(1, tf.mul(learningRate, weightDecay))
      const squaredScale = gradientScale && tf.mul(gradientScale, gradientScale)
      const gain1 = scaled(1 - beta1, gradientScale)
      const gain2 = scaled(1 - beta2, squaredScale)
      const updated: Tensors = {}
      const first: Tensors = {}
      const second: Tensors = {}
      for (const [name, parameter] of Object.entries(parameters)) {
        const gradient = gradients[name]
        if (gradient === undefined) {
          updated[name] = parameter
          first[name] = state.first[name]
          second[name] = state.second[name]
          continue
        }
        first[name] = tf.add(tf.mul(state.first[name], beta1), tf.mul(gradient, gain1))
        second[name] = tf.add(tf.mul(state.second[name], beta2), tf.mul(tf.mul(gradient, gradient), gain2))
        const step = tf.mul(tf.div(first[name], tf.add(tf.sqrt(second[name]), shift)), stepSize)
        const decayed = weightDecay !== 0 && decays(name) ? tf.mul(parameter, kept) : parameter
        updated[name] = tf.sub(decayed, step)
      }
      return { parameters: updated, state: { first, second } }
    },
  }
}

/** The bias corrections 1 − βⁿ of the n-th update, counted from 1. */
export function biasCorrections(
  update: number,
  [beta1, beta2]: readonly [number, number],
): { biasCorrection1: number; biasCorrection2: number } {
  return { biasCorrection1: 1 - beta1 ** update, biasCorrection2: 1 - beta2 ** update }
}

/** Norm of all gradients taken as one vector; a scalar. */
export function globalNorm(gradients: Partial<Tensors>): tf.Tensor {
  const squares = Object.values(gradients).flatMap((gradient) =>
    gradient === undefined ? [] : [tf.sum(tf.mul(gradient, gradient))],
  )
  return tf.sqrt(tf.sum(tf.stack(squares)))
}

/** The factor that `torch.nn.utils.clip_grad_norm_` applies for a maximal norm; a scalar of at most 1. */
export function clipScale(norm: tf.Tensor, maximum: number): tf.Tensor {
  return tf.minimum(tf.div(maximum, tf.add(norm, 1e-6)), 1)
}

function zeros(parameters: Tensors): Tensors {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.zerosLike(tensor)]))
}

function scaled(value: number, factor: tf.Tensor | undefined): tf.Tensor | number {
  return factor === undefined ? value : tf.mul(factor, value)
}
