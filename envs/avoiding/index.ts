import type { Environment } from '../../src/env/environment.ts'
import { type AvoidingState, dynamics } from './dynamics.ts'
import { demonstrate } from './expert.ts'

const avoiding: Environment<AvoidingState> = {
  name: 'avoiding',
  summary: 'Steer a rod between six obstacles, 24 ways through (D3IL)',
  module: import.meta.url,
  dynamics,
  demonstrate,
}

export default avoiding
