import type { Coupling } from '../coupling/index.ts'
import type { Process } from '../diffusion/index.ts'
import type { Network } from '../models/network.ts'
import type { Rows } from '../rows.ts'

/** Normalised training samples in memory; row i of everything belongs to sample i. */
export interface Samples {
  /** What is diffused, [N, T × D]. */
  readonly data: Rows
  /** What it is conditioned on, [N, C]; absent for unconditional training. */
  readonly condition?: Rows
  /** Class or task of each sample, [N]; absent where there are none. */
  readonly labels?: Int32Array
}

/** What to train on what: planners and image generators differ in nothing else. */
export interface TrainingTask {
  readonly network: Network
  readonly process: Process
  readonly coupling: Coupling
  readonly training: Samples
  /** Held-out samples; absent for no validation. */
  readonly validation?: Samples
}

/** Copies rows `indices` of `source` to `out`, [indices.length, columns]. */
export function gatherRows(source: Rows, indices: ArrayLike<number>, out: Float32Array): void {
  const { values, columns } = source
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * columns
    out.set(values.subarray(from, from + columns), i * columns)
  }
}
