import type { Environment } from '../../src/env/environment.ts'
import { type AvoidingPathState, pathDynamics } from './path-dynamics.ts'
import { demonstratePath } from './path-expert.ts'

const avoidingPath: Environment<AvoidingPathState> = {
  name: 'avoiding-path',
  summary: 'Avoiding planned at once: 24 waypoints from one constant start, 24 ways through',
  module: import.meta.url,
  dynamics: pathDynamics,
  demonstrate: demonstratePath,
}

export default avoidingPath
