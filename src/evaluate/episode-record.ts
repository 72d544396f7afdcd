import type { Rows } from '../rows.ts'

/** A plan as it was made: the actions, and how many actions had been executed before it. */
export interface RecordedPlan {
  readonly step: number
  /** [plan, action width], aligned with the observation window: row `observe − 1` is executed first. */
  readonly actions: Rows
}

/** What is kept of a rolled-out episode for a viewer: everything needed to show it again. */
export interface Recording {
  /** The environment's states, the initial one first: length + 1 of them. */
  readonly states: readonly unknown[]
  /** Executed actions, [length, action width]. */
  readonly actions: Rows
  readonly plans: readonly RecordedPlan[]
}

/** How one rolled-out episode went. Plain data, apart from typed arrays in {@link recording}. */
export interface EpisodeRecord {
  readonly seed: number
  readonly success: boolean
  /** Actions executed. */
  readonly length: number
  /** Over the rewards of the states arrived in. */
  readonly reward: { readonly max: number; readonly mean: number; readonly final: number }
  /** Index of the mode shown, −1 for none. */
  readonly mode: number
  /** Positions of the agent, the initial one first: length + 1 of them. */
  readonly path: readonly (readonly [number, number])[]
  /** Milliseconds that each of its plans took; episodes planned together share a call and its time. */
  readonly latency: readonly number[]
  /** Episodes that were planned in one call with this one, itself included. */
  readonly batch: number
  readonly recording?: Recording
}
