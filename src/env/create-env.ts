import { InputError } from '../errors.ts'
import type { Dynamics } from './environment.ts'
import { width } from './space.ts'

/** What is known beside the observation. */
export interface Info<S> {
  readonly state: S
  /** Whether the task is solved in this state. */
  readonly success: boolean
  /** Actions taken since the reset. */
  readonly steps: number
}

/** What an action led to. */
export interface Step<S> {
  readonly observation: Float32Array
  /** The reward of the state arrived in. */
  readonly reward: number
  /** The episode ended by itself: success or failure. */
  readonly terminated: boolean
  /** The episode was cut at {@link Dynamics.maxSteps} without having ended by itself. */
  readonly truncated: boolean
  readonly info: Info<S>
}

/** Where an episode starts. */
export interface ResetOptions<S> {
  /** Seed of the initial state, a whole number. Without one: 0 at first, then one more than the last. */
  readonly seed?: number
  /** Start from this state instead; it is copied. */
  readonly state?: S
}

/** One running episode of an environment, in the manner of Gymnasium. */
export interface Env<S> {
  readonly dynamics: Dynamics<S>
  reset(options?: ResetOptions<S>): { readonly observation: Float32Array; readonly info: Info<S> }
  /**
   * @param action one number for each coordinate of the action space
   * @throws InputError before the first reset, after the end of an episode, and for an action of the wrong
   *   width or with values that are not finite
   */
  step(action: ArrayLike<number>): Step<S>
}

/**
 * Wraps pure dynamics as an object that keeps the present state.
 *
 * The interface follows Gymnasium (Towers et al. 2024): `terminated` and `truncated` are told apart, because a
 * cut episode says nothing about its last state.
 */
export function createEnv<S>(dynamics: Dynamics<S>): Env<S> {
  let state: S
  let steps = 0
  let phase: 'new' | 'running' | 'ended' = 'new'
  let nextSeed = 0

  const info = (): Info<S> => ({ state, success: dynamics.success(state), steps })
  const checkAction = (action: ArrayLike<number>): void => {
    const expected = width(dynamics.action)
    if (action.length !== expected) {
      throw new InputError(
        `${dynamics.name}: an action has ${action.length} numbers instead of ${expected}; give one for each of ${dynamics.action.names.join(', ')}.`,
      )
    }
    for (let i = 0; i < expected; i++) {
      if (!Number.isFinite(action[i])) {
        throw new InputError(
          `${dynamics.name}: the action's "${dynamics.action.names[i]}" is ${action[i]}; give a finite number.`,
        )
      }
    }
  }

  return {
    dynamics,
    reset(options = {}) {
      const seed = options.seed ?? nextSeed
      state = options.state === undefined ? dynamics.initial(seed) : structuredClone(options.state)
      if (options.state === undefined) nextSeed = seed + 1
      steps = 0
      phase = 'running'
      return { observation: dynamics.observe(state), info: info() }
    },
    step(action) {
      if (phase !== 'running') {
        const when = phase === 'new' ? 'before the first reset' : 'after the end of the episode'
        throw new InputError(`${dynamics.name}: step was called ${when}; call reset first.`)
      }
      checkAction(action)
      state = dynamics.transition(state, action)
      steps++
      const terminated = dynamics.terminated(state)
      const truncated = !terminated && steps >= dynamics.maxSteps
      if (terminated || truncated) phase = 'ended'
      return {
        observation: dynamics.observe(state),
        reward: dynamics.reward(state),
        terminated,
        truncated,
        info: info(),
      }
    },
  }
}
