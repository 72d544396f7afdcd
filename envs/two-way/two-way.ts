import type { Environment, Mirror } from '../../src/env/environment.ts'
import { dynamics, type TwoWayStart, type TwoWayState } from './dynamics.ts'
import { demonstrate } from './expert.ts'

/** Left and right change places. */
const mirror: Mirror = {
  observation: flip,
  action: flip,
  mode: (mode) => 1 - mode,
}

function flip(values: ArrayLike<number>): Float32Array {
  return Float32Array.of(-values[0], values[1])
}

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
    mirror,
    demonstrate: (index, rng) => demonstrate(task, index, rng),
  }
}
