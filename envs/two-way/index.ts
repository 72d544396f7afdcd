import { twoWay } from './two-way.ts'

export type { TwoWayStart, TwoWayState } from './dynamics.ts'

/** Starts spread over x ∈ ±0.3 m, whatever the side taken: the side must be chosen, not read off the start. */
export default twoWay({
  name: 'two-way',
  start: 'spread',
  summary: 'A point robot passes a disc left or right; starts are spread sideways (2 modes).',
  module: import.meta.url,
})
