import { setImmediate } from 'node:timers/promises'
import type { Environment, Episode } from '../env/environment.ts'
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
  return asDataset(environment, options, [...demonstrate(environment, options)])
}

/**
 * {@link collectDemonstrations} that lets other work go on between two demonstrations, and can be stopped there.
 *
 * @throws what `signal` gives as its reason, once it is aborted
 */
export async function collectInTurns(
  environment: Environment,
  options: CollectOptions,
  signal?: AbortSignal,
): Promise<Dataset> {
  const episodes: Episode[] = []
  for (const episode of demonstrate(environment, options)) {
    episodes.push(episode)
    await setImmediate()
    signal?.throwIfAborted()
  }
  return asDataset(environment, options, episodes)
}

function* demonstrate(
  environment: Environment,
  { count, seed, onProgress }: CollectOptions,
): Generator<Episode> {
  if (!environment.demonstrate) {
    throw new InputError(
      `The environment "${environment.name}" has no expert; give demonstrations of your own as demonstrations.path.`,
    )
  }
  const rng = Rng.seeded(seed)
  for (let i = 0; i < count; i++) {
    const episode = environment.demonstrate(i, rng.fork('demonstration', i))
    onProgress?.(i + 1, count)
    yield episode
  }
}

function asDataset({ name }: Environment, { seed }: CollectOptions, episodes: readonly Episode[]): Dataset {
  return fromEpisodes(episodes, { environment: name, seed })
}
