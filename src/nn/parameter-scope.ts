import type { tf } from '../engine/tf.ts'
import type { Initializer } from './initializers.ts'

/** Parameters inside a compiled function, by PyTorch's `state_dict` name. */
export type Parameters = Record<string, tf.Tensor>

/** One parameter: how PyTorch stores it, how it is stored here, and how it starts. */
export interface ParameterDefinition {
  /** Shape in PyTorch's `state_dict`. */
  readonly stateShape: readonly number[]
  /** Axis i of the tensor used here is axis `order[i]` of PyTorch's; in the same order where absent. */
  readonly order?: readonly number[]
  readonly initial: Initializer
}

/**
 * Collects the parameters that layers define while a network is put together. A layer is made once, with a
 * scope that names its parameters, and gives back a function of (parameters, input).
 */
export class ParameterScope {
  readonly #prefix: string
  readonly #definitions: Map<string, ParameterDefinition>

  /** @param prefix name of this scope, such as `mid_modules.0`; empty for the network itself */
  constructor(prefix = '', definitions = new Map<string, ParameterDefinition>()) {
    this.#prefix = prefix
    this.#definitions = definitions
  }

  /** All definitions made in this scope, its parents and its children, by full name. */
  get definitions(): ReadonlyMap<string, ParameterDefinition> {
    return this.#definitions
  }

  /** A scope whose names begin with this one's and `name`, joined by dots. */
  child(name: string): ParameterScope {
    return new ParameterScope(this.#name(name), this.#definitions)
  }

  /** Defines a parameter and returns the function that finds it. @throws Error if the name is taken */
  define(name: string, definition: ParameterDefinition): (parameters: Parameters) => tf.Tensor {
    const full = this.#name(name)
    if (this.#definitions.has(full)) throw new Error(`The parameter "${full}" is defined twice.`)
    this.#definitions.set(full, definition)
    return (parameters) => parameters[full]
  }

  #name(name: string): string {
    return this.#prefix === '' ? name : `${this.#prefix}.${name}`
  }
}

/** Shape of a parameter as it is stored here. */
export function storedShape({ stateShape, order }: ParameterDefinition): number[] {
  return order === undefined ? [...stateShape] : order.map((axis) => stateShape[axis])
}
