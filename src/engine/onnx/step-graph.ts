import type { Graph, Value } from '../graph/value.ts'
import type { StepLayout } from '../step-layout.ts'
import { inPlaceTest } from './in-place.ts'

/** Leaves out the state entries that are returned as they came; says where the others are now. */
export function withoutUnchanged(
  graph: Graph,
  layout: StepLayout,
): { graph: Graph; changing: (number | undefined)[] } {
  const inputs = inputsByName(graph)
  const unchanged = new Set<number>()
  for (const [i, position] of layout.nextState.entries()) {
    if (graph.outputs[position].value === inputs.get(`state/${layout.state[i].path}`)) unchanged.add(position)
  }
  const kept = graph.outputs.map((_, i) => i).filter((i) => !unchanged.has(i))
  const changing = layout.nextState.map((position) =>
    unchanged.has(position) ? undefined : kept.indexOf(position),
  )
  return { graph: { ...graph, outputs: kept.map((i) => graph.outputs[i]) }, changing }
}

/** Position of the i-th result among the outputs that are left: they come after the state. */
export function layoutResult(graph: Graph, layout: StepLayout, i: number): number {
  return graph.outputs.length - layout.results.length + i
}

/** Which state entries the model may write over while it runs. */
export function inPlaceEntries(
  graph: Graph,
  layout: StepLayout,
  changing: readonly (number | undefined)[],
): boolean[] {
  const inputs = inputsByName(graph)
  const test = inPlaceTest(graph)
  return layout.state.map(({ path }, i) => {
    const old = inputs.get(`state/${path}`)
    const position = changing[i]
    return old !== undefined && position !== undefined && test(old, graph.outputs[position].value)
  })
}

function inputsByName(graph: Graph): Map<string, Value> {
  const inputs = new Map<string, Value>()
  for (const value of graph.inputs) if (value.source.kind === 'input') inputs.set(value.source.name, value)
  return inputs
}
