import type { HostTensor, TensorSpec } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import type { Parameters } from '../nn/parameter-scope.ts'
import type { Parameterized } from './parameterized.ts'

export type { Parameters } from '../nn/parameter-scope.ts'

/** Parameters on the host, by PyTorch's `state_dict` name. */
export type HostParameters = Record<string, HostTensor>

/** What every network for trajectories must know about its data. */
export interface TrajectoryShape {
  /** Time steps of a trajectory, T. */
  readonly horizon: number
  /** Numbers at each time step, D. */
  readonly channels: number
  /** Numbers of the flattened observations, C; 0 for an unconditional network. */
  readonly condition: number
  /** Numbers of the condition at each time step, L; 0 where there is none. */
  readonly localCondition: number
}

/** What a trajectory denoiser sees: B samples of T time steps × D channels. */
export interface NetworkInputs {
  /** Noisy trajectories, [B, T, D]. */
  readonly sample: tf.Tensor3D
  /** Time of the diffusion process as the network sees it, [B] float32. */
  readonly time: tf.Tensor1D
  /** Observations, flattened to [B, C]; absent for an unconditional network. */
  readonly condition?: tf.Tensor2D
  /** A condition for each time step, [B, T, L], where the network takes one. */
  readonly localCondition?: tf.Tensor3D
  /** Uniform [0, 1) numbers that make the dropout masks, named and shaped as `dropout(batch)` says; absent = no dropout. */
  readonly dropout?: Record<string, tf.Tensor>
}

/**
 * A denoising network: pure functions over named parameters, in PyTorch's names and layouts at the border
 * (`fromStateDict`/`toStateDict`) and in whatever layout is fastest within.
 */
export interface Network extends TrajectoryShape, Parameterized {
  /** Whether the network's own training recipe decays this parameter. */
  decays(parameter: string): boolean
  /** Predicts [B, T, D]. */
  apply(parameters: Parameters, inputs: NetworkInputs): tf.Tensor3D
  /** Uniform numbers that one training step needs for dropout; empty without dropout. */
  dropout(batch: number): Record<string, TensorSpec>
}
