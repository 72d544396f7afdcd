import { twoWay } from './two-way.ts'

/** Every episode starts at x = 0: one observation, two ways on. */
export default twoWay({
  name: 'two-way-axis',
  start: 'axis',
  summary: 'A point robot passes a disc left or right; every start is on the axis (2 modes).',
  module: import.meta.url,
})
