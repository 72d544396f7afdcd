import type { HostTensor } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { type ParameterDefinition, storedShape } from '../nn/parameter-scope.ts'
import type { WeightsSource } from '../weights/source.ts'
import type { HostParameters } from './network.ts'

type Definitions = ReadonlyMap<string, ParameterDefinition>

/** Translates names in a file; undefined for entries that do not matter, such as buffers. */
export type NameMap = (name: string) => string | undefined

/**
 * Converts a PyTorch `state_dict` to the layout used here.
 *
 * @param source where the state comes from, for messages
 * @param constants entries of the `state_dict` that are no parameters (masks and the like); where the state
 *   has them, they must be equal
 * @throws InputError listing all that is missing, unknown or misshapen
 */
export function importState(
  network: string,
  definitions: Definitions,
  constants: HostParameters,
  state: HostParameters,
  source?: string,
): HostParameters {
  const shapes = new Map(Object.entries(state).map(([name, { shape }]) => [name, shape]))
  const problems = misfits(definitions, constants, shapes)
  for (const [name, constant] of Object.entries(constants)) {
    const given = state[name]
    if (given && sameShape(constant.shape, given.shape) && !sameValues(constant, given)) {
      problems.push(`"${name}" holds other values than this configuration gives`)
    }
  }
  refuse(`${source ? `The weights of ${source}` : 'These weights'} are not for this ${network}`, problems)
  return mapDefinitions(definitions, (name, definition) => {
    const { values } = state[name]
    return importTensor(
      definition,
      values instanceof Float32Array ? values.slice() : Float32Array.from(values),
    )
  })
}

/**
 * Reads a `state_dict` from a file, tensor by tensor, into the layout used here. A matrix may be stored as a
 * convolution of width 1, and the other way round.
 *
 * @param names translates the file's names
 * @throws InputError listing all that is missing, unknown or misshapen
 */
export async function loadState(
  network: string,
  definitions: Definitions,
  source: WeightsSource,
  names: NameMap = (name) => name,
): Promise<HostParameters> {
  const stored = storedNames(network, definitions, source, names)
  const parameters: Record<string, HostTensor> = {}
  for (const [name, definition] of definitions) {
    const { values } = await source.read(stored.get(name)!)
    parameters[name] = importTensor(
      definition,
      values instanceof Float32Array ? values : Float32Array.from(values),
    )
  }
  return parameters
}

/**
 * Where the parameters are in a file: its name for each of ours. None is read.
 *
 * @throws InputError listing all that is missing, unknown or misshapen
 */
export function storedNames(
  network: string,
  definitions: Definitions,
  source: Pick<WeightsSource, 'path' | 'entries'>,
  names: NameMap = (name) => name,
): ReadonlyMap<string, string> {
  const stored = new Map<string, string>()
  const shapes = new Map<string, readonly number[]>()
  for (const [name, { shape }] of source.entries) {
    const known = names(name)
    if (known === undefined) continue
    stored.set(known, name)
    const wanted = definitions.get(known)?.stateShape
    shapes.set(known, wanted && sameShape(withoutOnes(wanted), withoutOnes(shape)) ? wanted : shape)
  }
  refuse(`The weights ${source.path} are not for this ${network}`, misfits(definitions, {}, shapes))
  return stored
}

/** What is missing, unknown or misshapen, one phrase each. */
function misfits(
  definitions: Definitions,
  constants: HostParameters,
  shapes: ReadonlyMap<string, readonly number[]>,
): string[] {
  const problems: string[] = []
  for (const [name, { stateShape }] of definitions) {
    if (!shapes.has(name)) problems.push(`"${name}" is missing, which is [${stateShape}]`)
  }
  for (const [name, given] of shapes) {
    const shape = definitions.get(name)?.stateShape ?? constants[name]?.shape
    if (shape === undefined) problems.push(`"${name}" is unknown`)
    else if (!sameShape(shape, given)) problems.push(`"${name}" is [${given}] where [${shape}] belongs`)
  }
  return problems
}

function refuse(what: string, problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new InputError(`${what}: ${problems.join('; ')}; check the configuration.`)
  }
}

/** PyTorch's values, which are taken over, in the layout used here. */
function importTensor(definition: ParameterDefinition, values: Float32Array): HostTensor {
  const { stateShape, order } = definition
  const shape = storedShape(definition)
  return { shape, dtype: 'float32', values: order ? permute(values, stateShape, order) : values }
}

/** One parameter as PyTorch stores it; a view where the layout is the same. */
export function exportTensor(definition: ParameterDefinition, { values }: HostTensor): HostTensor {
  const { stateShape, order } = definition
  const back = order?.map((_, axis) => order.indexOf(axis))
  return {
    shape: stateShape,
    dtype: 'float32',
    values: back ? permute(values as Float32Array, storedShape(definition), back) : values,
  }
}

/** Converts parameters in the layout used here to a PyTorch `state_dict`, in the order of the definitions. */
export function exportState(
  definitions: Definitions,
  constants: HostParameters,
  parameters: HostParameters,
): HostParameters {
  const state = mapDefinitions<HostTensor>(definitions, (name, definition) => {
    const tensor = exportTensor(definition, parameters[name])
    return definition.order ? tensor : { ...tensor, values: tensor.values.slice() }
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

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((size) => size !== 1)
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

function sameValues(a: HostTensor, b: HostTensor): boolean {
  return a.values.every((value, index) => value === b.values[index])
}
