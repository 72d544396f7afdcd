import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

/**
 * Plans for several episodes at once.
 *
 * @param histories one row for each episode: its last observations, oldest first, in the environment's units, [B, observe × observation width]
 * @param streams one stream of random numbers for each episode
 * @returns planned actions in the environment's units, [B, plan × action width]
 */
export type Planner = (histories: Rows, streams: readonly Rng[]) => Promise<Rows>
