import type { TensorSpec } from '../engine/tensor.ts'
import { type ParameterScope, storedShape } from '../nn/parameter-scope.ts'
import type { HostParameters, Network, TrajectoryShape } from './network.ts'
import { exportState, importState, mapDefinitions, permute } from './state-dict.ts'

/** What tells one network from another. */
export interface NetworkParts extends TrajectoryShape {
  readonly name: string
  /** Where the layers defined their parameters. */
  readonly scope: ParameterScope
  readonly apply: Network['apply']
  readonly dropout?: Network['dropout']
  readonly decays?: Network['decays']
  /** Entries of PyTorch's `state_dict` that are no parameters. */
  readonly constants?: HostParameters
  /** Translates names of related projects' checkpoints before they are looked up. */
  readonly rename?: (state: HostParameters) => HostParameters
}

/** Makes a {@link Network} of its layers: what follows from the definitions of the parameters is done here. */
export function assemble({
  scope,
  constants = {},
  rename = (state) => state,
  dropout = () => ({}),
  decays = () => true,
  ...parts
}: NetworkParts): Network {
  const { definitions } = scope
  return {
    ...parts,
    dropout,
    decays,
    parameters: mapDefinitions<TensorSpec>(definitions, (_, definition) => ({
      shape: storedShape(definition),
      dtype: 'float32',
    })),
    init: (rng) =>
      mapDefinitions(definitions, (name, definition) => {
        const values = definition.initial(rng.fork(name), definition.stateShape)
        return {
          shape: storedShape(definition),
          dtype: 'float32',
          values: definition.order ? permute(values, definition.stateShape, definition.order) : values,
        }
      }),
    fromStateDict: (state) => importState(parts.name, definitions, constants, rename(state)),
    toStateDict: (parameters) => exportState(definitions, constants, parameters),
  }
}
