import { sameShape } from '../graph/emit.ts'
import type { Graph, Node, Value } from '../graph/value.ts'
import { orderedNodes, producer } from '../graph/value.ts'

/** Operations whose element i depends on element i of operands of the same shape only. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Sqrt', 'Cast', 'Identity'])

/**
 * Says whether a new state may be written over the old one: when the last operation starts, everything that
 * reads the old state must be done. That holds, in whatever order the runtime works, where every reader is the
 * last operation itself or something that it depends on. Optimizers' moments and moving averages are such;
 * parameters, which the backward pass reads again, mostly are not.
 */
export function inPlaceTest(graph: Graph): (old: Value, next: Value) => boolean {
  const consumers = new Map<Value, Node[]>()
  for (const node of orderedNodes(graph.outputs.map(({ value }) => value))) {
    for (const input of node.inputs) {
      if (input === null) continue
      const known = consumers.get(input)
      if (known === undefined) consumers.set(input, [node])
      else known.push(node)
    }
  }
  const outputs = new Set(graph.outputs.map(({ value }) => value))
  const readersOf = (value: Value) => consumers.get(value) ?? []

  /** A value and what may share its memory: the runtime reshapes without copying. */
  const viewsOf = (value: Value): Value[] => [
    value,
    ...readersOf(value)
      .filter(({ op }) => op === 'Reshape')
      .flatMap(({ outputs: [view] }) => viewsOf(view)),
  ]

  /** Whether `last` depends on `node`. */
  const leadsTo = (node: Node, last: Node): boolean => {
    const seen = new Set<Node>([node])
    const waiting = [node]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next === last) return true
      for (const output of next.outputs) {
        for (const reader of readersOf(output)) {
          if (!seen.has(reader)) {
            seen.add(reader)
            waiting.push(reader)
          }
        }
      }
    }
    return false
  }

  return (old, next) => {
    const last = producer(next)
    if (last === undefined || !ELEMENTWISE.has(last.op)) return false
    return viewsOf(old).every((view) => {
      // An old state that is also returned elsewhere must be kept.
      if (outputs.has(view)) return false
      return readersOf(view).every((reader) =>
        reader === last ? sameShape(view.shape, next.shape) : leadsTo(reader, last),
      )
    })
  }
}
