import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

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
}
