import type { Graph } from '../graph/value.ts'
import type { StepLayout } from '../step-layout.ts'
import type { TensorSpec } from '../tensor.ts'
import { encodeModel, withMarker } from './encode.ts'
import { GraphWriter, valueInfo } from './graph-writer.ts'
import { ATTRIBUTE_TYPE } from './schema.ts'
import { layoutResult } from './step-graph.ts'

/** Name of the input that says how many steps to take: int64 []. */
export const COUNT = '//count'

/** A model of several steps, and what it calls the things that it takes and returns. */
export interface EncodedLoop {
  readonly bytes: Uint8Array
  /** The state's entries as they are given. */
  readonly state: readonly string[]
  /** Those that it returns, or `undefined` for an entry that no step changes. */
  readonly nextState: readonly (string | undefined)[]
  /** Inputs of all steps, [most, …]. */
  readonly inputs: readonly string[]
  /** Outputs of the steps taken, [count, …]. */
  readonly outputs: readonly string[]
}

/**
 * Writes a step as an ONNX model that takes up to `most` of them: a Loop carries the state from step to step, where
 * the device keeps it, and gathers step i's inputs out of those of all. Its first output is the marker of
 * `EncodeOptions.marker`.
 *
 * @param graph the step without the state's entries that it returns unchanged
 * @param changing the position of each state entry among the graph's outputs, or `undefined` for those
 */
export function encodeLoop(
  graph: Graph,
  layout: StepLayout,
  changing: readonly (number | undefined)[],
  most: number,
): EncodedLoop {
  const [count, step, go, on] = [COUNT, '//step', '//go', '//on']
  const state = layout.state.map(({ path }) => `state/${path}`)
  const inputs = layout.inputs.map(({ path }) => `inputs/${path}`)
  const carried = layout.state.flatMap(({ value }, i) => {
    const position = changing[i]
    return position === undefined ? [] : [{ name: state[i], value, position }]
  })
  const results = layout.outputs.map(({ path, value }, i) => ({
    name: `outputs/${path}`,
    value,
    position: layoutResult(graph, layout, i),
  }))

  // Within a step everything has a name of its own, but for the entries that stay what they are.
  const changes = new Set(carried.map(({ name }) => name))
  const inner = (name: string) => (state.includes(name) && !changes.has(name) ? name : `step/${name}`)
  const writer = new GraphWriter(graph, undefined, inner)
  const { node, initializer, output } = writer.write()
  const body = {
    name: `${graph.name}, one step`,
    node: [
      ...inputs.map((name) => ({
        opType: 'Gather',
        input: [name, step],
        output: [inner(name)],
        attribute: [{ name: 'axis', i: 0, type: ATTRIBUTE_TYPE.int }],
      })),
      ...node,
      { opType: 'Identity', input: [go], output: [on] },
    ],
    initializer,
    input: [
      valueInfo(step, { shape: [], dtype: 'int64' }),
      valueInfo(go, { shape: [], dtype: 'bool' }),
      ...carried.map(({ name, value }) => valueInfo(inner(name), value)),
    ],
    output: [
      valueInfo(on, { shape: [], dtype: 'bool' }),
      ...[...carried, ...results].map(({ position }) => output[position]),
    ],
  }
  const next = (name: string) => `next/${name}`
  const all = ({ shape, dtype }: TensorSpec, steps: number | null) => ({ shape: [steps, ...shape], dtype })
  const whole = withMarker({
    name: graph.name,
    node: [
      {
        opType: 'Loop',
        input: [count, '', ...carried.map(({ name }) => name)],
        output: [...carried.map(({ name }) => next(name)), ...results.map(({ name }) => name)],
        attribute: [{ name: 'body', g: body, type: ATTRIBUTE_TYPE.graph }],
      },
    ],
    input: [
      valueInfo(count, { shape: [], dtype: 'int64' }),
      ...layout.state.map(({ value }, i) => valueInfo(state[i], value)),
      ...layout.inputs.map(({ value }, i) => valueInfo(inputs[i], all(value, most))),
    ],
    output: [
      ...carried.map(({ name, value }) => valueInfo(next(name), value)),
      ...results.map(({ name, value }) => valueInfo(name, all(value, null))),
    ],
  })
  return {
    bytes: encodeModel(whole),
    state,
    nextState: state.map((name) => (changes.has(name) ? next(name) : undefined)),
    inputs,
    outputs: results.map(({ name }) => name),
  }
}
