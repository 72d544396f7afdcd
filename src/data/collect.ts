import type { Environment } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { Rng } from '../random/rng.ts'
import { type Dataset, fromEpisodes } from './dataset.ts'

/** What to collect. */
export interface CollectOptions {
  /** Number of demonstrations, ≥ 1. */
  readonly count: number
  readonly seed: number
  /** Called after each demonstration with the number done. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Demonstrations of an environment's expert. Demonstration i has a stream of its own and shows mode i mod K, so
 * that a larger dataset begins with the smaller one.
 *
 * @throws InputError if the environment has no expert
 */
export function collectDemonstrations(environment: Environment, options: CollectOptions): Dataset {
  const { count, seed, onProgress } = options
  if (!environment.demonstrate) {
    throw new InputError(
      `The environment "${environment.name}" has no expert; give demonstrations of your own as demonstrations.path.`,
    )
  }
  const rng = Rng.seeded(seed)
  const episodes = []
  for (let i = 0; i < count; i++) {
    episodes.push(environment.demonstrate(i, rng.fork('demonstration', i)))
    onProgress?.(i + 1, count)
  }
  return fromEpisodes(episodes, { environment: environment.name, seed })
}
