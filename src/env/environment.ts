import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

/** A box of real vectors. */
export interface Space {
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** One name for each coordinate, with its unit, such as `agent x (px)`. */
  readonly names: readonly string[]
}

/** A shape to draw, in the environment's own length unit. Angles in radians, counter-clockwise. */
export interface Shape {
  /** Stable path name, such as `/env/block`. */
  readonly path: string
  readonly kind: 'disc' | 'polygon' | 'line'
  readonly role: 'agent' | 'obstacle' | 'goal' | 'object' | 'wall' | 'target'
  /** Disc: centre. Polygon and line: vertices in order. */
  readonly points: readonly (readonly [number, number])[]
  /** Disc only. */
  readonly radius?: number
}

/** Everything to draw of one state. */
export interface Scene {
  /** `m` or `px`. */
  readonly unit: string
  /** The visible rectangle. */
  readonly bounds: { readonly low: readonly [number, number]; readonly high: readonly [number, number] }
  readonly shapes: readonly Shape[]
}

/** The distinct ways of going about its task that an environment knows how to tell apart. */
export interface Modes<S> {
  readonly names: readonly string[]
  /**
   * The episodes whose modes an evaluation counts. `successes`, the default, where a failure's way says nothing;
   * `all` where the way is chosen long before the end, whatever comes of it.
   */
  readonly counted?: 'successes' | 'all'
  /** Index into `names` of a whole episode's states, or −1 if it shows none. */
  of(states: readonly S[]): number
}

/**
 * An environment as pure functions of an immutable state `S` (plain data that `structuredClone` can copy).
 * The same seed and actions give the same states on every machine.
 */
export interface Dynamics<S> {
  readonly name: string
  readonly observation: Space
  /** The box of actions; an action outside is clipped only where the original environment clips it. */
  readonly action: Space
  /** Episodes are truncated after so many actions. */
  readonly maxSteps: number
  /** Seconds that one action lasts. */
  readonly period: number
  initial(seed: number): S
  transition(state: S, action: ArrayLike<number>): S
  observe(state: S): Float32Array
  /** The reward of arriving in `state`. */
  reward(state: S): number
  /** Whether the episode ends here, by success or by failure. */
  terminated(state: S): boolean
  success(state: S): boolean
  /** Where the agent is, for drawing paths. */
  position(state: S): readonly [number, number]
  readonly modes?: Modes<S>
  scene(state: S): Scene
  /**
   * Where planned actions [count, action width] mean to take the agent, one position for each, as if nothing
   * stood in the way: what is drawn of a plan and of the noise that it is made from. Absent: the positions that
   * carrying the plan out leads to.
   */
  waypoints?(state: S, actions: Rows): readonly (readonly [number, number])[]
  /**
   * A state that looks like this observation, for drawing recorded episodes; what the observation does not tell
   * may be anything. Absent where an observation does not tell what to draw.
   */
  resembling?(observation: ArrayLike<number>): S
}

/** One recorded episode: named columns with a row for each step. `observation` and `action` are always there. */
export interface Episode {
  readonly columns: Readonly<Record<string, Rows>>
  readonly length: number
  readonly success: boolean
  /** Index of the mode shown, −1 for none. */
  readonly mode: number
}

/**
 * A reflection that leaves a task as it is: what it makes of a solution is one too. Both functions are their own
 * inverses and return new arrays.
 */
export interface Mirror {
  observation(values: ArrayLike<number>): Float32Array
  action(values: ArrayLike<number>): Float32Array
  /** The mode that an episode of mode `mode` shows in the mirror. */
  mode(mode: number): number
}

/** What a folder under `envs/` exports: dynamics, and an expert where there is one. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds environments of every state type
export interface Environment<S = any> {
  readonly name: string
  /** One line for lists. */
  readonly summary: string
  /** Module whose default export is this environment, so that worker threads can load it. */
  readonly module: string
  readonly dynamics: Dynamics<S>
  /** Absent where the task has no symmetry. */
  readonly mirror?: Mirror
  /**
   * One expert demonstration. Modes are balanced over `index`: demonstration i shows mode i mod K.
   *
   * @param index number of the demonstration, from 0
   * @param rng a stream for this demonstration alone
   */
  demonstrate?(index: number, rng: Rng): Episode
}
