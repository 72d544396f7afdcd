import type { Environment } from '../../src/env/environment.ts'
import { dynamics, type TwoWayStart, type TwoWayState } from './dynamics.ts'
import { demonstrate } from './expert.ts'

/**
 * A point robot goes from the bottom to the top of its workspace past a disc, left or right: the smallest task
 * with two equally good ways, in which the average of both is a collision.
 *
 * @param options.name of the environment
 * @param options.start where episodes start
 * @param options.module URL of the module whose default export this environment is
 */
export function twoWay(options: {
  readonly name: string
  readonly start: TwoWayStart
  readonly summary: string
  readonly module: string
}): Environment<TwoWayState> {
  const { name, start, summary, module } = options
  const task = dynamics(name, start)
  return {
    name,
    summary,
    module,
    dynamics: task,
    demonstrate: (index, rng) => demonstrate(task, index, rng),
  }
}
