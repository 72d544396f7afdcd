import type { Network, TrajectoryShape } from './network.ts'
import { type ParameterizedParts, parameterized } from './parameterized.ts'

/** What tells one network from another. */
export interface NetworkParts extends TrajectoryShape, ParameterizedParts {
  readonly apply: Network['apply']
  readonly dropout?: Network['dropout']
  readonly decays?: Network['decays']
}

/** Makes a {@link Network} of its layers: what follows from the definitions of the parameters is done here. */
export function assemble({
  scope,
  constants,
  rename,
  names,
  dropout = () => ({}),
  decays = () => true,
  ...parts
}: NetworkParts): Network {
  return {
    ...parts,
    ...parameterized({ name: parts.name, scope, constants, rename, names }),
    dropout,
    decays,
  }
}
