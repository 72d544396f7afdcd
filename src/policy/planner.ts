import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

/** A moment of planning by diffusion: what the plans are after a number of denoise steps. */
export interface PlanningStep {
  /** Denoise steps done; 0 for the noise that planning starts from. */
  readonly step: number
  /** The process time. */
  readonly time: number
  /** The present samples as actions, [B, plan × action width]. */
  readonly actions: Rows
  /** The clean plans that the network predicted in this step, as actions; absent at step 0. */
  readonly predicted?: Rows
}

/** Plans for several episodes at once. */
export interface Planner {
  /**
   * @param histories one row for each episode: its last observations, oldest first, in the environment's units, [B, observe × observation width]
   * @param streams one stream of random numbers for each episode
   * @returns planned actions in the environment's units, [B, plan × action width]
   */
  (histories: Rows, streams: readonly Rng[]): Promise<Rows>
  /** Gets ready to plan for `episodes` at once, so that the first plan takes no longer than the others. */
  prepare?(episodes: number): Promise<void>
  /** Plans the same plans, and shows every step of it. Absent where planning has no steps. */
  steps?(histories: Rows, streams: readonly Rng[]): AsyncGenerator<PlanningStep, void, undefined>
}
