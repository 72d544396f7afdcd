import { InputError } from '../errors.ts'
import { type Rows, rows } from '../rows.ts'
import type { Dynamics, Episode } from './environment.ts'
import { width } from './space.ts'

/** Decides the next action from the present state and the number of actions taken so far. */
export type Controller<S> = (state: S, step: number) => ArrayLike<number>

/** Further columns to record, each a function of the state before the action. */
export type ColumnRecorders<S> = Readonly<Record<string, (state: S) => ArrayLike<number>>>

/**
 * Drives an environment with a controller until the episode ends or is cut, and records it: row t holds the
 * observation before action t, and action t as float32, which is also what the environment executes, so that
 * the recorded actions replay exactly.
 *
 * @param start the state to start from
 * @param control the controller
 * @param recorders further columns beside `observation` and `action`, such as the full state
 */
export function recordEpisode<S>(
  dynamics: Dynamics<S>,
  start: S,
  control: Controller<S>,
  recorders: ColumnRecorders<S> = {},
): Episode {
  const states = [start]
  const actions: Float32Array[] = []
  let state = start
  while (!dynamics.terminated(state) && actions.length < dynamics.maxSteps) {
    const action = Float32Array.from(control(state, actions.length))
    if (action.length !== width(dynamics.action)) {
      throw new InputError(
        `${dynamics.name}: the controller gave ${action.length} numbers at step ${actions.length} instead of ${width(dynamics.action)}; give one for each action coordinate.`,
      )
    }
    state = dynamics.transition(state, action)
    actions.push(action)
    states.push(state)
  }
  const before = states.slice(0, -1)
  const columns: Record<string, Rows> = {
    observation: stack(
      before.map((s) => dynamics.observe(s)),
      width(dynamics.observation),
    ),
    action: stack(actions, width(dynamics.action)),
  }
  for (const [name, record] of Object.entries(recorders)) {
    const recorded = before.map(record)
    columns[name] = stack(recorded, recorded[0]?.length ?? 0)
  }
  return {
    columns,
    length: actions.length,
    success: dynamics.success(state),
    mode: dynamics.modes?.of(states) ?? -1,
  }
}

function stack(vectors: readonly ArrayLike<number>[], columns: number): Rows {
  const values = new Float32Array(vectors.length * columns)
  vectors.forEach((vector, i) => {
    values.set(vector, i * columns)
  })
  return rows(values, vectors.length, columns)
}
