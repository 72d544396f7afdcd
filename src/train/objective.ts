import type { estimateCoefficients, SelfConsistency } from '../diffusion/index.ts'
import { float32, type TensorSpec, type Tree } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import type { Network, NetworkInputs } from '../models/network.ts'
import type { Tensors } from './optimizer.ts'

/** What is learned: a loss of named parameters and a batch, as a pure function of tensors. */
export interface Objective {
  readonly name: string
  readonly parameters: Record<string, TensorSpec>
  /** Whether a parameter is decayed. */
  decays(parameter: string): boolean
  /** Names and shapes of the tensors of a batch of `batch` samples. */
  inputs(batch: number): Tree<TensorSpec>
  /** The same for validation, where it needs less. */
  validationInputs?(batch: number): Tree<TensorSpec>
  /**
   * What the loss compares with, as the same weights tell it: added to the batch, and taken for constant when the
   * gradients are formed. Absent where the batch says it all.
   */
  targets?(parameters: Tensors, batch: Tree<tf.Tensor>): Tree<tf.Tensor>
  /** The mean loss of a batch, a scalar. */
  loss(parameters: Tensors, batch: Tree<tf.Tensor>): tf.Scalar
}

/** One batch of B samples, and what a process makes of each: all but the trajectories are [B]. */
interface Batch extends Omit<NetworkInputs, 'sample'> {
  /** [B, T, D]. */
  readonly data: tf.Tensor3D
  /** [B, T, D], paired with the data by a coupling. */
  readonly noise: tf.Tensor3D
  readonly alpha: tf.Tensor1D
  readonly sigma: tf.Tensor1D
  readonly targetData: tf.Tensor1D
  readonly targetNoise: tf.Tensor1D
  readonly weight: tf.Tensor1D
  /** [B, T, D], independent of both; with its factors, where the path is blurred. */
  readonly extra?: tf.Tensor3D
  readonly extraSample?: tf.Tensor1D
  readonly extraTarget?: tf.Tensor1D
}

/** Names and shapes of a compiled function's inputs. */
type Signature = Record<string, TensorSpec | Tree<TensorSpec>>

/**
 * A denoiser's loss: x_t = alpha·data + sigma·noise, prediction, weighted mean squared error to
 * targetData·data + targetNoise·noise. The process and the coupling enter by numbers only.
 *
 * @param blurred whether samples and targets hold a third, independent noise while training
 */
export function denoising(network: Network, blurred = false): Objective {
  return {
    name: network.name,
    parameters: network.parameters,
    decays: network.decays,
    inputs: (batch) => {
      const dropout = network.dropout(batch)
      return {
        ...batchSignature(network, batch),
        ...(blurred && blurSignature(network, batch)),
        ...(Object.keys(dropout).length > 0 && { dropout }),
      }
    },
    validationInputs: (batch) => batchSignature(network, batch),
    loss: (parameters, batch) => weightedLoss(network, parameters, batch),
  }
}

/** A batch for {@link agreeing}: coefficients of both times, [B] each. */
interface Neighbours extends Omit<NetworkInputs, 'sample'> {
  readonly data: tf.Tensor3D
  readonly noise: tf.Tensor3D
  readonly farther: EstimateInputs
  readonly nearer: EstimateInputs
  readonly weight: tf.Tensor1D
  /** The data that the network sees at the nearer time, [B, T, D]. */
  readonly agreed: tf.Tensor3D
}

/** What a network's estimate of the data is made of: see {@link estimateCoefficients}. */
type EstimateInputs = Record<keyof ReturnType<typeof estimateCoefficients>, tf.Tensor1D>

/**
 * The loss of a consistency model (Song & Dhariwal 2023, arXiv 2310.14189): the data that the network sees in the
 * noisier sample are to be those that the same weights see in the less noisy one, with the same noise, class and
 * dropout. Pseudo-Huber distance of whole samples, times the batch's weights.
 */
export function agreeing(network: Network, { huber }: SelfConsistency): Objective {
  const c = huber(network.horizon * network.channels)
  const signature = (batch: number): Signature => {
    const trajectories = float32(batch, network.horizon, network.channels)
    const { time: _, ...condition } = conditionSignature(network, batch) as Record<string, TensorSpec>
    const each = float32(batch)
    const estimate = { alpha: each, sigma: each, time: each, input: each, prediction: each, sample: each }
    return {
      data: trajectories,
      noise: trajectories,
      farther: estimate,
      nearer: estimate,
      weight: each,
      ...condition,
    }
  }
  return {
    name: network.name,
    parameters: network.parameters,
    decays: network.decays,
    inputs: (batch) => {
      const dropout = network.dropout(batch)
      return { ...signature(batch), ...(Object.keys(dropout).length > 0 && { dropout }) }
    },
    validationInputs: signature,
    targets: (parameters, inputs) => {
      const batch = inputs as unknown as Neighbours
      return { agreed: estimated(network, parameters, batch, batch.nearer) }
    },
    loss: (parameters, inputs) => {
      const batch = inputs as unknown as Neighbours
      const apart = tf.sub(estimated(network, parameters, batch, batch.farther), batch.agreed)
      const distance = tf.sub(tf.sqrt(tf.add(tf.sum(tf.mul(apart, apart), [1, 2]), c * c)), c)
      return tf.mul(tf.sum(tf.mul(distance, batch.weight)), 1 / batch.data.shape[0]) as tf.Scalar
    },
  }
}

/** The data that a network sees in samples noised to one of their two times, [B, T, D]. */
function estimated(
  network: Network,
  parameters: Tensors,
  { data, noise, condition, localCondition, dropout }: Neighbours,
  { alpha, sigma, time, input, prediction, sample }: EstimateInputs,
): tf.Tensor {
  const each = (values: tf.Tensor) => tf.reshape(values, [-1, 1, 1])
  const noised = tf.add(tf.mul(data, each(alpha)), tf.mul(noise, each(sigma)))
  const said = network.apply(parameters, {
    sample: tf.mul(noised, each(input)) as tf.Tensor3D,
    time,
    condition,
    localCondition,
    dropout,
  })
  return tf.add(tf.mul(noised, each(sample)), tf.mul(said, each(prediction)))
}

function batchSignature(network: Network, batch: number): Signature {
  const trajectories = float32(batch, network.horizon, network.channels)
  const each = float32(batch)
  return {
    data: trajectories,
    noise: trajectories,
    alpha: each,
    sigma: each,
    targetData: each,
    targetNoise: each,
    weight: each,
    ...conditionSignature(network, batch),
  }
}

function blurSignature(network: Network, batch: number): Signature {
  return {
    extra: float32(batch, network.horizon, network.channels),
    extraSample: float32(batch),
    extraTarget: float32(batch),
  }
}

/** Names and shapes of what a network is told besides the sample. */
export function conditionSignature(network: Network, batch: number): Signature {
  const { horizon, condition, localCondition } = network
  return {
    time: float32(batch),
    ...(condition > 0 && { condition: float32(batch, condition) }),
    ...(localCondition > 0 && { localCondition: float32(batch, horizon, localCondition) }),
  }
}

function weightedLoss(network: Network, parameters: Tensors, inputs: Tree<tf.Tensor>): tf.Scalar {
  const batch = inputs as unknown as Batch
  const { data, noise, alpha, sigma, targetData, targetNoise, weight } = batch
  const each = (values: tf.Tensor) => tf.reshape(values, [-1, 1, 1])
  const { extra, extraSample, extraTarget } = batch
  const mix = (a: tf.Tensor, b: tf.Tensor, c?: tf.Tensor) => {
    const both = tf.add(tf.mul(data, each(a)), tf.mul(noise, each(b)))
    return extra && c ? tf.add(both, tf.mul(extra, each(c))) : both
  }
  const { time, condition, localCondition, dropout } = batch
  const sample = mix(alpha, sigma, extraSample) as tf.Tensor3D
  const prediction = network.apply(parameters, { sample, time, condition, localCondition, dropout })
  const error = tf.sub(prediction, mix(targetData, targetNoise, extraTarget))
  const weighted = tf.mul(tf.mul(error, error), each(weight))
  return tf.mul(tf.sum(weighted), 1 / data.size) as tf.Scalar
}
