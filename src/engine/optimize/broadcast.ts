/** Repetition of elements is put off, because elementwise operations broadcast by themselves. */
import { broadcastShape, emit, expand, reshape, sameShape, uniform } from '../graph/emit.ts'
import type { Value } from '../graph/value.ts'
import { producer, uniformNumber } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'
import type { Rule } from './rule.ts'

/** Elementwise operations, whose operands broadcast if they have several. */
const ELEMENTWISE = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow', 'Equal', 'Greater', 'GreaterOrEqual', 'Less'],
  ...['LessOrEqual', 'And', 'Or', 'Xor', 'Where', 'Neg', 'Abs', 'Sqrt', 'Reciprocal', 'Exp', 'Log', 'Tanh'],
  ...['Sigmoid', 'Cast', 'Not', 'Relu', 'Softplus', 'Erf'],
])

/** Takes Expand nodes and uniform constants' shapes away from operands, and repeats the smaller result if need be. */
export const lateExpand: Rule = ({ op, inputs, attributes, output }) => {
  if (!ELEMENTWISE.has(op)) return undefined
  const operands = inputs.filter((value) => value !== null)
  const stripped = operands.map(unexpanded)
  if (stripped.every((value, i) => value === operands[i])) return undefined
  const shape = broadcastShape(...stripped.map((value) => value.shape))
  const result = emit(op, stripped, attributes, shape, output.dtype)
  // Expand may also add leading dimensions, which the result then gets.
  return expand(result, output.shape)
}

function unexpanded(value: Value): Value {
  const number = uniformNumber(value)
  if (number !== undefined) return value.shape.length === 0 ? value : uniform(number, [], value.dtype)
  return producer(value, 'Expand')?.inputs[0] ?? value
}

/** Operands broadcast over leading dimensions by themselves: a Reshape that only puts ones there is not needed. */
export const leadingOnes: Rule = ({ op, inputs, attributes, output }) => {
  if (!ELEMENTWISE.has(op) || inputs.length < 2) return undefined
  const operands = inputs.filter((value) => value !== null)
  const stripped = operands.map(withoutLeadingOnes)
  if (stripped.every((value, i) => value === operands[i])) return undefined
  const shape = broadcastShape(...stripped.map((value) => value.shape))
  return sameShape(shape, output.shape) ? emit(op, stripped, attributes, shape, output.dtype) : undefined
}

function withoutLeadingOnes(value: Value): Value {
  const inner = producer(value, 'Reshape')?.inputs[0]
  if (!inner) return value
  const tail = ({ shape }: Value) => shape.slice(shape.findIndex((n) => n !== 1))
  return sizeOf(value.shape) > 1 && sameShape(tail(inner), tail(value)) ? inner : value
}

/** An Expand of an Expand; one that repeats nothing. */
export const expands: Rule = ({ op, inputs, output }) => {
  if (op !== 'Expand' || inputs[0] === null) return undefined
  const x = inputs[0]
  if (sizeOf(x.shape) === sizeOf(output.shape)) return reshape(x, output.shape)
  const inner = producer(x, 'Expand')?.inputs[0]
  return inner ? expand(inner, output.shape) : undefined
}
