import type { StepFunction, TensorFunction } from '../engine/engine.ts'
import { float32, type TensorSpec, type Tree } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import type { Network, NetworkInputs } from '../models/network.ts'
import { updateAverage } from './ema.ts'
import { conditionSignature, denoising, type Objective } from './objective.ts'
import { type Adamw, type AdamwOptions, adamw, clipScale, globalNorm, type Tensors } from './optimizer.ts'

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

/** Scalars that change from step to step. */
interface Schedule {
  readonly learningRate: tf.Tensor
  readonly biasCorrection1: tf.Tensor
  readonly biasCorrection2: tf.Tensor
  readonly averageDecay: tf.Tensor
}

/**
 * One step of training: a loss, its gradients, clipping, AdamW and the moving average, in one function.
 *
 * State: {@link TrainState}. Inputs: as {@link stepSignature} says. Outputs: the scalars `loss`, before the
 * update, and `gradientNorm`, before clipping.
 */
export function optimizationStep(objective: Objective, options: TrainStepOptions = {}): StepFunction {
  const optimizer = adamw({ decays: objective.decays, ...options })
  return (trees, inputs) => {
    const state = trees as unknown as TrainState
    const { loss, gradients } = lossAndGradients(objective, state.parameters, inputs)
    const { state: updated, gradientNorm } = update(optimizer, state, gradients, inputs, options.clip)
    return { state: updated, outputs: { loss, gradientNorm } }
  }
}

/** Names and shapes of the state and the inputs of {@link optimizationStep} for batches of `batch` samples. */
export function stepSignature(
  objective: Objective,
  batch: number,
): { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> } {
  return { state: stateSignature(objective), inputs: { ...objective.inputs(batch), ...SCHEDULE } }
}

/**
 * The first half of {@link optimizationStep}, for one part of a batch: adds the part's share of the gradients to
 * a sum.
 *
 * State: `gradients`, by parameter name. Inputs: `parameters`, `batch`, and the scalars `kept`, 0 for the first
 * part and 1 for the others, and `share`, of the batch. Output: the part's `loss`.
 */
export function accumulationStep(objective: Objective): StepFunction {
  return (state, { parameters, batch, kept, share }) => {
    const sums = state.gradients as Tensors
    const { loss, gradients } = lossAndGradients(objective, parameters as Tensors, batch as Tree<tf.Tensor>)
    const added = Object.entries(sums).map(([name, sum]) => {
      const before = tf.mul(sum, kept as tf.Tensor)
      const gradient = gradients[name]
      return [name, gradient ? tf.add(before, tf.mul(gradient, share as tf.Tensor)) : before]
    })
    return { state: { gradients: Object.fromEntries(added) }, outputs: { loss } }
  }
}

/** Names and shapes of the state and the inputs of {@link accumulationStep} for parts of `batch` samples. */
export function accumulationSignature(
  objective: Objective,
  batch: number,
): { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> } {
  const { parameters } = objective
  return {
    state: { gradients: parameters },
    inputs: { parameters, batch: objective.inputs(batch), kept: float32(), share: float32() },
  }
}

/** The second half of {@link optimizationStep}: inputs are `gradients` and the schedule. Output: `gradientNorm`. */
export function updateStep(objective: Objective, options: TrainStepOptions = {}): StepFunction {
  const optimizer = adamw({ decays: objective.decays, ...options })
  return (trees, inputs) => {
    const state = trees as unknown as TrainState
    const gradients = inputs.gradients as Tensors
    const { state: updated, gradientNorm } = update(optimizer, state, gradients, inputs, options.clip)
    return { state: updated, outputs: { gradientNorm } }
  }
}

/** Names and shapes of the state and the inputs of {@link updateStep}. */
export function updateSignature(objective: Objective): { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> } {
  return { state: stateSignature(objective), inputs: { gradients: objective.parameters, ...SCHEDULE } }
}

/** The loss of a batch as it is validated: inputs as {@link lossSignature} says, output the scalar `loss`. */
export function lossOf(objective: Objective): TensorFunction {
  return (inputs) => {
    const parameters = inputs.parameters as Tensors
    return { loss: objective.loss(parameters, { ...inputs, ...objective.targets?.(parameters, inputs) }) }
  }
}

/** Names and shapes of the inputs of {@link lossOf}. */
export function lossSignature(objective: Objective, batch: number): Tree<TensorSpec> {
  return { parameters: objective.parameters, ...(objective.validationInputs ?? objective.inputs)(batch) }
}

/** {@link optimizationStep} of a denoiser. The process and the coupling enter by numbers only, so one step serves all. */
export function trainStep(network: Network, options: TrainStepOptions = {}): StepFunction {
  return optimizationStep(denoising(network), options)
}

/** {@link stepSignature} of a denoiser. */
export function trainSignature(network: Network, batch: number): ReturnType<typeof stepSignature> {
  return stepSignature(denoising(network), batch)
}

/** The loss of a denoiser without dropout. */
export function validationLoss(network: Network): TensorFunction {
  return lossOf(denoising(network))
}

/** Names and shapes of the inputs of {@link validationLoss}. */
export function validationSignature(network: Network, batch: number): Tree<TensorSpec> {
  return lossSignature(denoising(network), batch)
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

const SCHEDULE = {
  learningRate: float32(),
  biasCorrection1: float32(),
  biasCorrection2: float32(),
  averageDecay: float32(),
}

function stateSignature({ parameters }: Objective): Tree<TensorSpec> {
  return { parameters, average: parameters, first: parameters, second: parameters }
}

function lossAndGradients(
  objective: Objective,
  parameters: Tensors,
  batch: Tree<tf.Tensor>,
): { loss: tf.Scalar; gradients: Partial<Tensors> } {
  const names = Object.keys(objective.parameters)
  const held = names.map((name) => parameters[name])
  const known = { ...batch, ...objective.targets?.(parameters, batch) }
  // Unlike tf.valueAndGrads, this allows parameters that the loss never reads.
  const { value: loss, grads } = tf
    .engine()
    .gradients(() => objective.loss(parameters, known), held, undefined, true)
  const found = names.flatMap((name, index) => (grads[index] ? [[name, grads[index]]] : []))
  return { loss: loss as tf.Scalar, gradients: Object.fromEntries(found) }
}

function update(
  optimizer: Adamw,
  state: TrainState,
  gradients: Partial<Tensors>,
  inputs: Tree<tf.Tensor>,
  clip: number | undefined,
): { state: Tree<tf.Tensor>; gradientNorm: tf.Tensor } {
  const { learningRate, biasCorrection1, biasCorrection2, averageDecay } = inputs as unknown as Schedule
  const gradientNorm = globalNorm(gradients)
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
    gradientNorm,
  }
}
