import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'
import { checkScene } from './check-scene.ts'
import type { Dynamics, Space } from './environment.ts'
import { firstOutside, sample, width } from './space.ts'

/** Verifies a box: equal lengths, at least one coordinate, low < high. @throws InputError */
export function checkSpace(name: string, which: string, space: Space): void {
  const { low, high, names } = space
  if (low.length === 0 || low.length !== high.length || low.length !== names.length) {
    throw new InputError(
      `${name}: the ${which} space has ${low.length} lower bounds, ${high.length} upper bounds and ${names.length} names; give the same number of each, at least one.`,
    )
  }
  for (let i = 0; i < low.length; i++) {
    if (!(low[i] < high[i])) {
      throw new InputError(
        `${name}: the ${which} space's "${names[i]}" ranges from ${low[i]} to ${high[i]}; make low < high.`,
      )
    }
  }
}

/**
 * Runs one episode of random actions and verifies everything a {@link Dynamics} promises on the way.
 *
 * @param seed of the initial state
 * @param rng the stream of actions
 * @param limit stop after so many actions
 * @throws InputError naming the function that broke its promise, and the step
 */
export function checkEpisode<S>(dynamics: Dynamics<S>, seed: number, rng: Rng, limit: number): void {
  const where = (step: number) => `with seed ${seed} after ${step} actions`
  const fail = (what: string, step: number): never => {
    throw new InputError(`${dynamics.name}: ${what} (${where(step)}).`)
  }
  let state = dynamics.initial(seed)
  if (!isDeepStrictEqual(state, dynamics.initial(seed))) {
    fail('initial gives two different states for one seed; draw all randomness from the seed', 0)
  }
  const states = [state]
  for (let step = 0; ; step++) {
    checkState(dynamics, state, (what) => fail(what, step))
    if (dynamics.terminated(state) || step >= Math.min(limit, dynamics.maxSteps)) break
    const action = sample(dynamics.action, rng)
    checkWaypoints(dynamics, state, rows(Float32Array.from(action), 1, action.length))
    const kept = structuredClone(state)
    const given = action.slice()
    const next = dynamics.transition(state, action)
    if (!isDeepStrictEqual(state, kept)) {
      fail('transition changes the state it is given; return a new one instead', step)
    }
    if (!isDeepStrictEqual(action, given)) fail('transition changes the action it is given; copy it', step)
    // From a copy, and later than the first call: neither hidden memory nor identity may matter.
    if (!isDeepStrictEqual(next, dynamics.transition(kept, given))) {
      fail('transition gives two different states for one state and action; make it a pure function', step)
    }
    state = next
    states.push(state)
  }
  checkModes(dynamics, states, (what) => fail(what, states.length - 1))
}

function checkState<S>(dynamics: Dynamics<S>, state: S, fail: (what: string) => never): void {
  const kept = clonedState(state, fail)
  const observation = dynamics.observe(state)
  checkObservation(dynamics, observation, fail)
  if (!isDeepStrictEqual(observation, dynamics.observe(kept))) {
    fail('observe gives two different observations of one state; make it a pure function')
  }
  if (observation === dynamics.observe(state)) {
    fail('observe returns the same array twice; return a new one each time')
  }
  const reward = dynamics.reward(state)
  if (!Number.isFinite(reward)) fail(`reward is ${reward}; return a finite number`)
  const terminated: unknown = dynamics.terminated(state)
  const success: unknown = dynamics.success(state)
  if (typeof terminated !== 'boolean') fail(`terminated returns ${terminated}; return true or false`)
  if (typeof success !== 'boolean') fail(`success returns ${success}; return true or false`)
  if (success && !terminated) {
    fail('success is true where terminated is false; let the episode end where it succeeds')
  }
  const position = dynamics.position(state)
  if (position.length !== 2 || !position.every(Number.isFinite)) {
    fail(`position is [${position.join(', ')}]; return two finite numbers`)
  }
  checkScene(dynamics.name, dynamics.scene(state))
  checkResembling(dynamics, observation, fail)
  if (!isDeepStrictEqual(state, kept)) {
    fail('observe, reward, terminated, success, position or scene changes the state; make them pure')
  }
}

/** Drawing a state that an observation resembles shows the agent where it was observed. */
function checkResembling<S>(
  dynamics: Dynamics<S>,
  observation: Float32Array,
  fail: (what: string) => never,
): void {
  if (!dynamics.resembling) return
  const again = dynamics.observe(dynamics.resembling(observation))
  const { low, high, names } = dynamics.observation
  const far = names.findIndex(
    (_, i) => Math.abs(again[i] - observation[i]) > 1e-3 * Math.max(1, high[i] - low[i]),
  )
  if (far >= 0) {
    fail(
      `resembling gives a state whose "${names[far]}" is observed as ${again[far]} instead of ${observation[far]}; make it the inverse of observe`,
    )
  }
}

/** Plans are drawn by one position for each action. */
export function checkWaypoints<S>(dynamics: Dynamics<S>, state: S, actions: Rows): void {
  const points = dynamics.waypoints?.(state, actions)
  if (!points) return
  if (points.length !== actions.rows || !points.every((point) => point.every(Number.isFinite))) {
    throw new InputError(
      `${dynamics.name}: waypoints gives ${points.length} positions for ${actions.rows} actions, or some that are not finite; return one pair of finite numbers for each.`,
    )
  }
}

function clonedState<S>(state: S, fail: (what: string) => never): S {
  let copy: S
  try {
    copy = structuredClone(state)
  } catch (cause) {
    return fail(`structuredClone cannot copy the state, ${String(cause)}; make it plain data`)
  }
  // The copy of a class instance is a bare object, which the deep comparison tells apart.
  if (!isDeepStrictEqual(copy, state)) {
    fail('a structuredClone of the state differs from it; make it plain data without classes')
  }
  return copy
}

function checkObservation<S>(
  dynamics: Dynamics<S>,
  observation: Float32Array,
  fail: (what: string) => never,
): void {
  const { names, low, high } = dynamics.observation
  if (!(observation instanceof Float32Array)) fail('observe returns no Float32Array; return one')
  if (observation.length !== width(dynamics.observation)) {
    fail(`observe returns ${observation.length} numbers instead of ${names.length}; match the space`)
  }
  const broken = observation.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0) fail(`the observation's "${names[broken]}" is ${observation[broken]}; keep it finite`)
  const outside = firstOutside(dynamics.observation, observation)
  if (outside >= 0) {
    fail(
      `the observation's "${names[outside]}" is ${observation[outside]}, outside [${low[outside]}, ${high[outside]}]; widen the space or correct observe`,
    )
  }
}

function checkModes<S>(dynamics: Dynamics<S>, states: readonly S[], fail: (what: string) => never): void {
  const { modes } = dynamics
  if (!modes) return
  for (const path of [states, states.slice(0, 1)]) {
    const mode = modes.of(path)
    if (!Number.isInteger(mode) || mode < -1 || mode >= modes.names.length) {
      fail(`modes.of returns ${mode}; return an index into the ${modes.names.length} names, or -1`)
    }
    if (modes.of(path) !== mode) fail('modes.of gives two modes for one path; make it a pure function')
  }
}
