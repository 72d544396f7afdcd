import { InputError } from '../errors.ts'
import type { StepFunction, TensorFunction } from './engine.ts'
import type { TensorSpec, Tree } from './tensor.ts'
import type { tf } from './tf.ts'
import type { Leaf } from './tree.ts'

/** The parts of a traced step `{ state, inputs } → { state, outputs }`. */
export interface StepLayout {
  readonly state: readonly Leaf<TensorSpec>[]
  readonly inputs: readonly Leaf<TensorSpec>[]
  readonly outputs: readonly Leaf<TensorSpec>[]
  /** Position of each state entry among the graph's outputs. */
  readonly nextState: readonly number[]
  /** Position of each output among the graph's outputs. */
  readonly results: readonly number[]
}

/** A step as a function of one tree `{ state, inputs }` that returns one tree `{ state, outputs }`. */
export function treeFunction(fn: StepFunction): TensorFunction {
  return (given) => {
    const next = fn((given.state ?? {}) as Tree<tf.Tensor>, (given.inputs ?? {}) as Tree<tf.Tensor>)
    return { state: next.state, outputs: next.outputs }
  }
}

/**
 * Finds the state's entries among what a step takes and returns.
 *
 * @throws InputError where the new state differs from the old in names, shapes or types
 */
export function stepLayout(
  name: string,
  given: readonly Leaf<TensorSpec>[],
  returned: readonly Leaf<TensorSpec>[],
): StepLayout {
  const state = branch(given, 'state')
  const nextState = state.map((entry) => {
    const position = returned.findIndex(({ path }) => path === `state/${entry.path}`)
    const next = returned[position]?.value
    if (next === undefined) {
      throw new InputError(
        `The step "${name}" does not return the state "${entry.path}"; return it, changed or not.`,
      )
    }
    const was = entry.value
    if (next.dtype !== was.dtype || `${next.shape}` !== `${was.shape}`) {
      throw new InputError(
        `The step "${name}" takes the state "${entry.path}" as ${was.dtype} [${was.shape}] but returns ${next.dtype} [${next.shape}]; return the same shape and type.`,
      )
    }
    return position
  })
  const known = new Set(state.map(({ path }) => `state/${path}`))
  const added = returned.find(({ keys, path }) => keys[0] === 'state' && !known.has(path))
  if (added !== undefined) {
    throw new InputError(
      `The step "${name}" returns "${added.path}", which is not in its state; add it to the signature or leave it out.`,
    )
  }
  const results = returned.map((_, i) => i).filter((i) => returned[i].keys[0] === 'outputs')
  return {
    state,
    inputs: branch(given, 'inputs'),
    outputs: branch(returned, 'outputs'),
    nextState,
    results,
  }
}

function branch<T>(leaves: readonly Leaf<T>[], key: string): Leaf<T>[] {
  return leaves
    .filter(({ keys }) => keys[0] === key)
    .map(({ keys, value }) => ({ keys: keys.slice(1), path: keys.slice(1).join('/'), value }))
}
