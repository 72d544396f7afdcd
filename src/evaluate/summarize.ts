import { mean, quantile } from 'simple-statistics'
import type { Modes } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { Rng } from '../random/rng.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { bootstrapMean, type Estimate, wilson } from './interval.ts'
import { type ModeStatistics, modeStatistics } from './modes.ts'

/** How a planner did over many episodes. Plain data that JSON can hold; intervals are 95 %. */
export interface Evaluation {
  readonly episodes: number
  /** Share of successful episodes, Wilson's interval. */
  readonly success: Estimate
  /** Means over episodes of their largest, mean and final reward, bootstrap intervals. */
  readonly reward: { readonly max: Estimate; readonly mean: Estimate; readonly final: Estimate }
  /** Mean number of actions of an episode, bootstrap interval. */
  readonly length: Estimate
  /** `null` where the environment tells no modes apart. */
  readonly modes: ModeStatistics | null
  /** `null` if nothing was planned. */
  readonly latency: Latency | null
}

/** What an evaluation has to know of an environment's modes. */
export type CountedModes = Pick<Modes<unknown>, 'names' | 'counted'>

/** Time to plan, in milliseconds, of a call that plans for `batch` episodes on average. */
export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly batch: number
}

/**
 * Sums up rolled-out episodes.
 *
 * @param episodes at least one
 * @param modes the environment's, if it tells any apart
 * @param seed of the bootstrap
 * @throws InputError without episodes
 */
export function summarize(episodes: readonly EpisodeRecord[], modes?: CountedModes, seed = 0): Evaluation {
  if (episodes.length === 0) throw new InputError('There are no episodes to sum up; roll out at least one.')
  const rng = Rng.seeded(seed).fork('bootstrap')
  const estimate = (name: string, of: (episode: EpisodeRecord) => number) =>
    bootstrapMean(episodes.map(of), rng.fork(name))
  const successes = episodes.filter(({ success }) => success)
  return {
    episodes: episodes.length,
    success: wilson(successes.length, episodes.length),
    reward: {
      max: estimate('max', ({ reward }) => reward.max),
      mean: estimate('mean', ({ reward }) => reward.mean),
      final: estimate('final', ({ reward }) => reward.final),
    },
    length: estimate('length', ({ length }) => length),
    modes: modes ? modeStatistics(modes.names, shownModes(modes, episodes), rng.fork('modes')) : null,
    latency: latencyOf(episodes),
  }
}

/** The mode of each episode whose mode counts, −1 for none. */
export function shownModes(
  { counted }: CountedModes,
  episodes: readonly Pick<EpisodeRecord, 'success' | 'mode'>[],
): number[] {
  return episodes.filter(({ success }) => success || counted === 'all').map(({ mode }) => mode)
}

function latencyOf(episodes: readonly EpisodeRecord[]): Latency | null {
  const calls = episodes.flatMap(({ latency }) => latency)
  if (calls.length === 0) return null
  return {
    p50: quantile(calls, 0.5),
    p95: quantile(calls, 0.95),
    batch: mean(episodes.map(({ batch }) => batch)),
  }
}
