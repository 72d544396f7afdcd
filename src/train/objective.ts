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
