import { type Rows, row } from '../rows.ts'
import type { Dynamics } from './environment.ts'

/**
 * The positions that planned actions lead to, as they are drawn: the dynamics' own `waypoints`, or else what
 * carrying the plan out gives, which stays where an episode would end.
 *
 * @param actions [count, action width]
 * @returns count positions
 */
export function plannedPath<S>(
  dynamics: Dynamics<S>,
  state: S,
  actions: Rows,
): readonly (readonly [number, number])[] {
  return (
    dynamics.waypoints?.(state, actions) ??
    carriedOut(dynamics, state, actions).map((reached) => dynamics.position(reached))
  )
}

/** The states that actions [count, action width] lead to, one for each; after the end of an episode its last. */
export function carriedOut<S>(dynamics: Dynamics<S>, state: S, actions: Rows): S[] {
  let present = state
  return Array.from({ length: actions.rows }, (_, i) => {
    if (!dynamics.terminated(present)) present = dynamics.transition(present, row(actions, i))
    return present
  })
}
