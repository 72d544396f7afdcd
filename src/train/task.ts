import type { Coupling } from '../coupling/index.ts'
import type { Process } from '../diffusion/index.ts'
import type { HostParameters, Network } from '../models/network.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'

/** Rows that are fetched when a batch needs them: from a table, from a file. */
export interface RowSource {
  readonly rows: number
  readonly columns: number
  /**
   * Copies rows `indices` to `out`, [indices.length, columns].
   *
   * @param rng for a source that draws, such as from a posterior
   */
  gather(indices: ArrayLike<number>, out: Float32Array, rng: Rng): void | Promise<void>
}

/** Normalised training samples; row i of everything belongs to sample i. */
export interface Samples {
  /** What is diffused, [N, T × D]. */
  readonly data: Rows | RowSource
  /**
   * What it is conditioned on, [N, C]; absent for unconditional training. Couplings see it where it is in memory
   * as a whole; what is looked up, such as the embedding of a class, they know by its label.
   */
  readonly condition?: Rows | RowSource
  /** Class or task of each sample, [N]; absent where there are none. */
  readonly labels?: Int32Array
  /** Rows of each sample and of its mirror image, which are served side by side, [N / 2 × 2]; absent for no pairs. */
  readonly pairs?: Int32Array
}

/** What to train on what: planners and image generators differ in nothing else. */
export interface TrainingTask {
  readonly network: Network
  readonly process: Process
  readonly coupling: Coupling
  readonly training: Samples
  /** Held-out samples; absent for no validation. */
  readonly validation?: Samples
  /** Weights to begin with, in the layout used here; fresh ones where absent. */
  readonly initial?: () => Promise<HostParameters>
  /** Adds a normal number times this to the noise of each channel of a sample (offset noise); none where absent. */
  readonly noiseOffset?: number
  /** Replaces the condition of a share of the samples, for classifier-free guidance. */
  readonly conditionDropout?: { readonly share: number; readonly empty: Float32Array }
}

/** Whether rows lie in memory. */
export function inMemory(source: Rows | RowSource): source is Rows {
  return 'values' in source
}

/** The rows `indices` of `source`. */
export async function pickRows(
  source: Rows | RowSource,
  indices: ArrayLike<number>,
  rng: Rng,
): Promise<Rows> {
  const picked = new Float32Array(indices.length * source.columns)
  if (inMemory(source)) gatherRows(source, indices, picked)
  else await source.gather(indices, picked, rng)
  return rows(picked, indices.length, source.columns)
}

function gatherRows({ values, columns }: Rows, indices: ArrayLike<number>, out: Float32Array): void {
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * columns
    out.set(values.subarray(from, from + columns), i * columns)
  }
}
