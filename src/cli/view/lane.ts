import type { Scene } from '../../env/environment.ts'
import type { EpisodeRecord } from '../../evaluate/episode-record.ts'
import type { Pieces } from './work-queue.ts'

/** A run that is shown, as work in pieces. Each piece publishes what it made. */
export interface Lane {
  /** Tells what it is; there is something to see right away. */
  begin(): Promise<void>
  /** Where it takes place, as it begins; absent where there are images only. */
  readonly scene?: Scene
  /** Seed of the first episode to roll out. */
  readonly firstSeed: number
  /** Rolls out episodes; absent where there is nothing to roll out. */
  rollOut?(seeds: readonly number[]): Pieces
  /** Shows all of an episode, and `count` plans at each of its replans. */
  open(episode: number, count: number): Pieces
  /** Shows what was demonstrated. */
  demonstrate?(): Pieces
  /** Shows how noise is coupled with data. */
  couple?(): Pieces
  /** Shows episodes that were rolled out elsewhere, after so many training steps. */
  showEpisodes?(records: readonly EpisodeRecord[], step: number): void
  /** Seconds that the episode rolled out last would take the robot. */
  lastEpisode?(): number
  /** Forgets the weights, because there are newer ones. */
  reload?(step: number): void
}
