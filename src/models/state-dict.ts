import type { HostTensor } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { type ParameterDefinition, storedShape } from '../nn/parameter-scope.ts'
import type { HostParameters } from './network.ts'

type Definitions = ReadonlyMap<string, ParameterDefinition>

/**
 * Converts a PyTorch `state_dict` to the layout used here.
 *
 * @param constants entries of the `state_dict` that are no parameters (masks and the like); where the state
 *   has them, they must be equal
 * @throws InputError listing what is missing, unknown or misshapen
 */
export function importState(
  network: string,
  definitions: Definitions,
  constants: HostParameters,
  state: HostParameters,
): HostParameters {
  const problems: string[] = []
  for (const name of definitions.keys()) if (!(name in state)) problems.push(`"${name}" is missing`)
  for (const [name, tensor] of Object.entries(state)) {
    const definition = definitions.get(name)
    const shape = definition?.stateShape ?? constants[name]?.shape
    if (shape === undefined) {
      problems.push(`"${name}" is unknown`)
    } else if (!sameShape(shape, tensor.shape)) {
      problems.push(`"${name}" is [${tensor.shape}] where [${shape}] belongs`)
    } else if (definition === undefined && !sameValues(constants[name], tensor)) {
      problems.push(`"${name}" holds other values than this configuration gives`)
    }
  }
  if (problems.length > 0) {
    const shown = problems.slice(0, 8).join('; ')
    const more = problems.length > 8 ? `; and ${problems.length - 8} more` : ''
    throw new InputError(
      `These weights are not for this ${network}: ${shown}${more}; check the network's configuration.`,
    )
  }
  return mapDefinitions(definitions, (name, definition) => {
    const values = Float32Array.from(state[name].values)
    const { stateShape, order } = definition
    const shape = storedShape(definition)
    return { shape, dtype: 'float32', values: order ? permute(values, stateShape, order) : values }
  })
}

/** Converts parameters in the layout used here to a PyTorch `state_dict`, in the order of the definitions. */
export function exportState(
  definitions: Definitions,
  constants: HostParameters,
  parameters: HostParameters,
): HostParameters {
  const state = mapDefinitions<HostTensor>(definitions, (name, definition) => {
    const { stateShape, order } = definition
    const values = parameters[name].values as Float32Array
    const back = order?.map((_, axis) => order.indexOf(axis))
    return {
      shape: stateShape,
      dtype: 'float32',
      values: back ? permute(values, storedShape(definition), back) : values.slice(),
    }
  })
  return { ...state, ...constants }
}

/** A record with one entry for each definition. */
export function mapDefinitions<T>(
  definitions: Definitions,
  make: (name: string, definition: ParameterDefinition) => T,
): Record<string, T> {
  return Object.fromEntries([...definitions].map(([name, definition]) => [name, make(name, definition)]))
}

/** Reorders axes: axis i of the result is axis `order[i]` of `values`. */
export function permute(
  values: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const sizes = order.map((axis) => shape[axis])
  const steps = order.map((axis) => strides[axis])
  const out = new Float32Array(values.length)
  const index = new Array<number>(order.length).fill(0)
  let source = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = values[source]
    for (let axis = order.length - 1; axis >= 0; axis--) {
      source += steps[axis]
      if (++index[axis] < sizes[axis]) break
      source -= steps[axis] * sizes[axis]
      index[axis] = 0
    }
  }
  return out
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

function sameValues(a: HostTensor, b: HostTensor): boolean {
  return a.values.every((value, index) => value === b.values[index])
}
