import type { StepFunction, TensorFunction } from '../engine/engine.ts'
import { float32, type TensorSpec, type Tree } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import type { Network, NetworkInputs } from '../models/network.ts'
import { updateAverage } from './ema.ts'
import { type AdamwOptions, adamw, clipScale, globalNorm, type Tensors } from './optimizer.ts'

/** Settings of {@link trainStep} that are fixed for a run. */
export interface TrainStepOptions extends AdamwOptions {
  /** Largest norm of the gradients, beyond which they are scaled down; unlimited where absent. */
  readonly clip?: number
}

/** Everything that training changes, each by parameter name. */
export interface TrainState {
  readonly parameters: Tensors
  /** Moving average of the parameters. */
  readonly average: Tensors
  /** Adam's moments. */
  readonly first: Tensors
  readonly second: Tensors
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
}

/** Scalars that change from step to step. */
interface Schedule {
  readonly learningRate: tf.Tensor
  readonly biasCorrection1: tf.Tensor
  readonly biasCorrection2: tf.Tensor
  readonly averageDecay: tf.Tensor
}

/** Names and shapes of a compiled function's inputs. */
type Signature = Record<string, TensorSpec | Tree<TensorSpec>>

/**
 * One step of training: x_t = alpha·data + sigma·noise, prediction, weighted mean squared error to
 * targetData·data + targetNoise·noise, gradients, clipping, AdamW and the moving average. The process and the
 * coupling enter by numbers only, so one compiled step serves them all.
 *
 * State: {@link TrainState}. Inputs: as {@link trainSignature} says. Outputs: the scalars `loss`, before the
 * update, and `gradientNorm`, before clipping.
 */
export function trainStep(network: Network, options: TrainStepOptions = {}): StepFunction {
  const optimizer = adamw({ decays: network.decays, ...options })
  const names = Object.keys(network.parameters)
  return (trees, inputs) => {
    const state = trees as unknown as TrainState
    const { learningRate, biasCorrection1, biasCorrection2, averageDecay } = inputs as unknown as Schedule
    const held = names.map((name) => state.parameters[name])
    // Unlike tf.valueAndGrads, this allows parameters that the network never reads.
    const { value: loss, grads } = tf
      .engine()
      .gradients(() => weightedLoss(network, state.parameters, inputs), held, undefined, true)
    const gradients: Partial<Tensors> = Object.fromEntries(
      names.flatMap((name, index) => (grads[index] ? [[name, grads[index]]] : [])),
    )
    const gradientNorm = globalNorm(gradients)
    const { clip } = options
    const updated = optimizer.update(gradients, state, state.parameters, {
      learningRate,
      biasCorrection1,
      biasCorrection2,
      ...(clip !== undefined && { gradientScale: clipScale(gradientNorm, clip) }),
    })
    return {
      state: {
        parameters: updated.parameters,
        average: updateAverage(state.average, updated.parameters, averageDecay),
        first: updated.state.first,
        second: updated.state.second,
      },
      outputs: { loss, gradientNorm },
    }
  }
}

/** Names and shapes of the state and the inputs of {@link trainStep} for batches of `batch` samples. */
export function trainSignature(
  network: Network,
  batch: number,
): { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> } {
  const { parameters } = network
  const dropout = network.dropout(batch)
  return {
    state: { parameters, average: parameters, first: parameters, second: parameters },
    inputs: {
      ...batchSignature(network, batch),
      ...(Object.keys(dropout).length > 0 && { dropout }),
      learningRate: float32(),
      biasCorrection1: float32(),
      biasCorrection2: float32(),
      averageDecay: float32(),
    },
  }
}

/** The loss of a batch without dropout: inputs as {@link validationSignature} says, output the scalar `loss`. */
export function validationLoss(network: Network): TensorFunction {
  return (inputs) => ({ loss: weightedLoss(network, inputs.parameters as Tensors, inputs) })
}

/** Names and shapes of the inputs of {@link validationLoss}. */
export function validationSignature(network: Network, batch: number): Tree<TensorSpec> {
  return { parameters: network.parameters, ...batchSignature(network, batch) }
}

/**
 * The network alone, for samplers: inputs `parameters`, `sample` [B, T, D], `time` [B] and the conditions the
 * network takes; output `prediction` [B, T, D].
 */
export function denoise(network: Network): TensorFunction {
  return (inputs) => ({
    prediction: network.apply(inputs.parameters as Tensors, inputs as unknown as NetworkInputs),
  })
}

/** Names and shapes of the inputs of {@link denoise}. */
export function denoiseSignature(network: Network, batch: number): Tree<TensorSpec> {
  return {
    parameters: network.parameters,
    sample: float32(batch, network.horizon, network.channels),
    ...conditionSignature(network, batch),
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

function conditionSignature(network: Network, batch: number): Signature {
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
  const mix = (a: tf.Tensor, b: tf.Tensor) => tf.add(tf.mul(data, each(a)), tf.mul(noise, each(b)))
  const { time, condition, localCondition, dropout } = batch
  const sample = mix(alpha, sigma) as tf.Tensor3D
  const prediction = network.apply(parameters, { sample, time, condition, localCondition, dropout })
  const error = tf.sub(prediction, mix(targetData, targetNoise))
  const weighted = tf.mul(tf.mul(error, error), each(weight))
  return tf.mul(tf.sum(weighted), 1 / data.size) as tf.Scalar
}
