import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'
import type { Criterion } from './activation.ts'

/** Settings of a coupling: its `type`, and what that type's factory takes. */
export interface CouplingConfig {
  readonly type: string
  readonly [setting: string]: unknown
}

/** What a coupling may look at besides the data. All rows belong to the same samples, in the same order. */
export interface CouplingContext {
  /** Normalised observations of the samples, [P, C]; absent for unconditional training. */
  readonly condition?: Rows
  /** Class or task label of each sample, [P]; absent where there are none. */
  readonly labels?: Int32Array
  /** Rows that one training step uses; P is a multiple of it. */
  readonly batchSize: number
  /** The training step that the first batch of the pool will serve. */
  readonly step: number
  /** Training step at which what the coupling {@link Coupling.awaits} was seen; absent as long as it was not. */
  readonly activeSince?: number
}

/**
 * Chooses the noise that each sample is diffused into. The rows of a pool are `poolBatches` successive
 * training batches in the order in which they will be served.
 */
export interface Coupling {
  /** Name and settings, such as `nearest(candidates=8)`. */
  readonly name: string
  /** Whether the choice ignores the condition, so that the noise can betray it (see `docs/`). */
  readonly conditionBlind: boolean
  /** How many upcoming batches it wants to see at once; 1 for the present batch alone. */
  readonly poolBatches: number
  /** What it waits for with independent noise; absent where it waits for nothing. */
  readonly awaits?: Criterion
  /** From which another thread can make it again; absent for couplings that are not in the registry. */
  readonly config?: CouplingConfig
  /**
   * @param data normalised samples, [P, D]
   * @param rng a stream of its own for this pool
   * @returns one row of noise for each row of `data`, [P, D]
   * @throws InputError naming the coupling and the value, for wrong shapes or non-finite data
   */
  couple(data: Rows, rng: Rng, context: CouplingContext): Promise<Rows>
}
