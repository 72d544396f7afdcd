import type { DType } from '../tensor.ts'

/** The element types of values inside a graph; int64 is ONNX's type for shapes and indices. */
export type ElementType = DType | 'int64'

/** Elements of a constant. */
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array

/** What a node may carry besides its inputs, as ONNX attributes. */
export type Attribute = number | string | readonly number[] | FloatAttribute

/** A number to be stored as an ONNX float attribute; a bare number is stored as an integer. */
export interface FloatAttribute {
  readonly float: number
}

/** A tensor in a graph: an input, a constant, or what a node computes. */
export interface Value {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: ElementType
  readonly source: Source
}

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  /** `data` has one element for each of the value's, or a single one that they all equal (`uniform`). */
  | { readonly kind: 'constant'; readonly data: ConstantData; readonly uniform: boolean }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number }

/** An operation of the ONNX standard (opset {@link OPSET}) on values. */
export interface Node {
  readonly op: string
  /** null stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[]
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly outputs: readonly Value[]
}

/** Shape and type of a value yet to be made. */
export interface ValueSpec {
  readonly shape: readonly number[]
  readonly dtype: ElementType
}

/** A function of tensors; its nodes are whatever the outputs reach. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly { readonly name: string; readonly value: Value }[]
}

/** The version of ONNX's operators that the graphs use. */
export const OPSET = 18

let nextId = 0

/** A graph input. */
export function inputValue(name: string, spec: ValueSpec): Value {
  return { id: nextId++, shape: [...spec.shape], dtype: spec.dtype, source: { kind: 'input', name } }
}

/** A constant; `data` is kept, not copied. */
export function constantValue(data: ConstantData, spec: ValueSpec, uniform: boolean): Value {
  return {
    id: nextId++,
    shape: [...spec.shape],
    dtype: spec.dtype,
    source: { kind: 'constant', data, uniform },
  }
}

/** A node of one or several outputs. */
export function makeNode(
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Readonly<Record<string, Attribute>>,
  specs: readonly ValueSpec[],
): Node {
  const outputs: Value[] = []
  const node: Node = { op, inputs, attributes, outputs }
  for (const [index, spec] of specs.entries()) {
    outputs.push({
      id: nextId++,
      shape: [...spec.shape],
      dtype: spec.dtype,
      source: { kind: 'node', node, index },
    })
  }
  return node
}

/** The node that computes a value, if it is of that kind of operation. */
export function producer(value: Value | null, op?: string): Node | undefined {
  if (value === null || value.source.kind !== 'node') return undefined
  return op === undefined || value.source.node.op === op ? value.source.node : undefined
}

/** The number that every element of a constant equals, if so. */
export function uniformNumber(value: Value | null): number | undefined {
  if (value === null || value.source.kind !== 'constant') return undefined
  const { data, uniform } = value.source
  return uniform || data.length === 1 ? Number(data[0]) : undefined
}

/** The integers of a small constant such as a shape or axes, if it is one. */
export function constantIntegers(value: Value | null): number[] | undefined {
  if (value === null || value.source.kind !== 'constant') return undefined
  const size = value.shape.reduce((a, b) => a * b, 1)
  const { data, uniform } = value.source
  return uniform ? new Array<number>(size).fill(Number(data[0])) : Array.from(data, Number)
}

/** Nodes that the outputs need, each after the nodes it depends on; the order is a function of the graph alone. */
export function orderedNodes(outputs: readonly Value[]): Node[] {
  const order: Node[] = []
  const done = new Set<Node>()
  // An explicit stack: a training step is thousands of nodes deep.
  const stack: { node: Node; next: number }[] = []
  const push = (value: Value | null) => {
    const node = producer(value)
    if (node !== undefined && !done.has(node)) {
      done.add(node)
      stack.push({ node, next: 0 })
    }
  }
  for (const output of outputs) {
    push(output)
    while (stack.length > 0) {
      const top = stack[stack.length - 1]
      if (top.next < top.node.inputs.length) push(top.node.inputs[top.next++])
      else {
        order.push(top.node)
        stack.pop()
      }
    }
  }
  return order
}
