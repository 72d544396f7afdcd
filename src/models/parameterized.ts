import type { TensorSpec } from '../engine/tensor.ts'
import { type ParameterScope, storedShape } from '../nn/parameter-scope.ts'
import type { Rng } from '../random/rng.ts'
import type { TensorToStore } from '../weights/safetensors.ts'
import type { WeightsSource } from '../weights/source.ts'
import type { HostParameters } from './network.ts'
import {
  exportState,
  exportTensor,
  importState,
  loadState,
  mapDefinitions,
  type NameMap,
  permute,
  storedNames,
} from './state-dict.ts'

/** Anything with named parameters: PyTorch's names and layouts at the border, the fastest layout within. */
export interface Parameterized {
  readonly name: string
  /** Shape of every parameter in the layout used here. */
  readonly parameters: Record<string, TensorSpec>
  /** Fresh parameters, drawn from the initialisation of the PyTorch original. */
  init(rng: Rng): HostParameters
  /**
   * PyTorch `state_dict` → parameters in the layout used here.
   *
   * @param source where it comes from, for messages
   * @throws InputError naming missing, unknown and misshapen entries
   */
  fromStateDict(state: HostParameters, source?: string): HostParameters
  /** Parameters → PyTorch `state_dict`. */
  toStateDict(parameters: HostParameters): HostParameters
  /** Like {@link fromStateDict}, tensor by tensor from a file: never more than one tensor is in memory twice. */
  load(source: WeightsSource): Promise<HostParameters>
  /** Whether {@link load} will find what it needs. @throws InputError listing missing, unknown and misshapen entries */
  check(source: Pick<WeightsSource, 'path' | 'entries'>): void
  /** Like {@link toStateDict}, each tensor when its turn comes. */
  store(parameters: HostParameters): TensorToStore[]
}

/** What {@link parameterized} makes of the layers' definitions. */
export interface ParameterizedParts {
  readonly name: string
  /** Where the layers defined their parameters. */
  readonly scope: ParameterScope
  /** Entries of PyTorch's `state_dict` that are no parameters. */
  readonly constants?: HostParameters
  /** Translates names of related projects' checkpoints before they are looked up. */
  readonly rename?: (state: HostParameters) => HostParameters
  /** The same for names in a file; undefined for entries that do not matter. */
  readonly names?: NameMap
}

/** Everything that follows from the definitions of parameters. */
export function parameterized(parts: ParameterizedParts): Parameterized {
  const { name, scope, constants = {}, rename = (state) => state, names } = parts
  const { definitions } = scope
  return {
    name,
    parameters: mapDefinitions<TensorSpec>(definitions, (_, definition) => ({
      shape: storedShape(definition),
      dtype: 'float32',
    })),
    init: (rng) =>
      mapDefinitions(definitions, (parameter, definition) => {
        const values = definition.initial(rng.fork(parameter), definition.stateShape)
        return {
          shape: storedShape(definition),
          dtype: 'float32',
          values: definition.order ? permute(values, definition.stateShape, definition.order) : values,
        }
      }),
    fromStateDict: (state, source) => importState(name, definitions, constants, rename(state), source),
    toStateDict: (parameters) => exportState(definitions, constants, parameters),
    load: (source) => loadState(name, definitions, source, names),
    check: (source) => void storedNames(name, definitions, source, names),
    store: (parameters) =>
      [...definitions].map(([parameter, definition]) => ({
        name: parameter,
        shape: definition.stateShape,
        dtype: 'float32',
        values: () => exportTensor(definition, parameters[parameter]).values,
      })),
  }
}
