import type { Graph, Node, Value } from '../graph/value.ts'
import { makeNode, orderedNodes } from '../graph/value.ts'
import { casts, constantChains, negations, neutralElements, powers, reciprocals } from './algebra.ts'
import { expands, lateExpand, leadingOnes } from './broadcast.ts'
import { foldUniform } from './fold.ts'
import { mish, normalization } from './forward.ts'
import { convBias, emptyReductions, gemmBias, gemmTransposes, reshapes, transposes } from './layout.ts'
import type { Rule } from './rule.ts'

const RULES: readonly Rule[] = [
  foldUniform,
  neutralElements,
  constantChains,
  powers,
  reciprocals,
  negations,
  casts,
  lateExpand,
  expands,
  leadingOnes,
  reshapes,
  transposes,
  emptyReductions,
  gemmTransposes,
  gemmBias,
  convBias,
  mish,
  normalization,
]

/** Enough passes for rules to work on each other's results; graphs here settle in four or five. */
const MOST_PASSES = 12

/** An equal graph that costs less: rules applied until nothing changes, and equal nodes made one. */
export function optimize(graph: Graph): Graph {
  let current = graph
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const { result, changed } = rewrite(current)
    current = result
    if (!changed) break
  }
  return current
}

function rewrite(graph: Graph): { result: Graph; changed: boolean } {
  const nodes = orderedNodes(graph.outputs.map(({ value }) => value))
  const uses = countUses(graph, nodes)
  const replaced = new Map<Value, Value>()
  const unique = new Map<string, Node>()
  const constants = new Map<string, Value>()
  let changed = false
  // A value made in this pass is used as often as the one it stands for.
  const usesOf = (value: Value) => uses.get(value) ?? 1
  const now = (value: Value) => {
    if (value.source.kind !== 'constant') return replaced.get(value) ?? value
    const key = constantKey(value)
    if (key === undefined) return value
    const known = constants.get(key)
    if (known === undefined) constants.set(key, value)
    return known ?? value
  }

  for (const node of nodes) {
    const inputs = node.inputs.map((value) => (value === null ? null : now(value)))
    const key = nodeKey(node, inputs)
    const twin = unique.get(key)
    if (twin !== undefined) {
      changed = true
      for (const [i, output] of node.outputs.entries()) {
        replaced.set(output, twin.outputs[i])
        uses.set(twin.outputs[i], usesOf(twin.outputs[i]) + usesOf(output))
      }
      continue
    }
    const same = inputs.every((value, i) => value === node.inputs[i])
    const kept = same ? node : makeNode(node.op, inputs, node.attributes, node.outputs)
    for (const [i, output] of node.outputs.entries()) {
      if (kept === node) continue
      replaced.set(output, kept.outputs[i])
      uses.set(kept.outputs[i], usesOf(output))
    }
    unique.set(key, kept)
    if (node.outputs.length !== 1) continue
    const output = kept.outputs[0]
    for (const rule of RULES) {
      const better = rule({ op: node.op, inputs, attributes: node.attributes, output, uses: usesOf })
      if (better === undefined) continue
      changed = true
      replaced.set(node.outputs[0], better)
      uses.set(better, (uses.get(better) ?? 0) + usesOf(node.outputs[0]))
      break
    }
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: now(value) }))
  return { result: { ...graph, outputs }, changed }
}

function countUses(graph: Graph, nodes: readonly Node[]): Map<Value, number> {
  const uses = new Map<Value, number>()
  const count = (value: Value | null) => {
    if (value !== null) uses.set(value, (uses.get(value) ?? 0) + 1)
  }
  for (const node of nodes) node.inputs.forEach(count)
  for (const { value } of graph.outputs) count(value)
  return uses
}

/** What makes two nodes the same. */
function nodeKey({ op, attributes }: Node, inputs: readonly (Value | null)[]): string {
  let key = op
  for (const value of inputs) key += value === null ? '|' : `|${value.id}`
  for (const name in attributes) key += `|${name}=${JSON.stringify(attributes[name])}`
  return key
}

const constantKeys = new WeakMap<Value, string>()

/** What makes two small constants the same. */
function constantKey(value: Value): string | undefined {
  const { source, shape, dtype } = value
  if (source.kind !== 'constant' || source.data.length > 16) return undefined
  const known = constantKeys.get(value)
  if (known !== undefined) return known
  const key = `${dtype}|${shape}|${source.uniform}|${source.data}|${Object.is(Number(source.data[0]), -0)}`
  constantKeys.set(value, key)
  return key
}
