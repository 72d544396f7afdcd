import type { HostTensor, TensorSpec } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import type { Rng } from '../random/rng.ts'

/** Parameters on the host, by PyTorch's `state_dict` name. */
export type HostParameters = Record<string, HostTensor>
/** Parameters inside a compiled function, by the same names. */
export type Parameters = Record<string, tf.Tensor>

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
 * (`import`/`export`) and in whatever layout is fastest within.
 */
export interface Network {
  readonly name: string
  /** Shape of every parameter in the layout used here. */
  readonly parameters: Record<string, TensorSpec>
  /** Fresh parameters, drawn from PyTorch's default initialisation. */
  init(rng: Rng): HostParameters
  /** Predicts [B, T, D]. */
  apply(parameters: Parameters, inputs: NetworkInputs): tf.Tensor3D
  /** Uniform numbers that one training step needs for dropout; empty without dropout. */
  dropout(batch: number): Record<string, TensorSpec>
  /** PyTorch `state_dict` → parameters in the layout used here. @throws InputError listing missing, unknown and misshapen entries */
  fromStateDict(state: HostParameters): HostParameters
  /** Parameters → PyTorch `state_dict`. */
  toStateDict(parameters: HostParameters): HostParameters
}
