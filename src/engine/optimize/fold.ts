/** Arithmetic on constants whose elements are all equal, so that the other rules see their numbers. */
import { uniform } from '../graph/emit.ts'
import type { ElementType } from '../graph/value.ts'
import { uniformNumber } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'
import type { Candidate, Rule } from './rule.ts'

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Cast: (x) => x,
  Exp: Math.exp,
  Log: Math.log,
  Neg: (x) => -x,
  Not: (x) => 1 - x,
  Reciprocal: (x) => 1 / x,
  Sqrt: Math.sqrt,
}

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
  Pow: (a, b) => a ** b,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
}

/** Operations that only move elements. */
const MOVES = new Set(['Reshape', 'Transpose', 'Expand', 'Slice', 'Tile', 'Gather'])

/** A uniform constant instead of an operation on uniform constants. */
export const foldUniform: Rule = (candidate) => {
  const { op, inputs, output } = candidate
  const first = uniformNumber(inputs[0])
  if (first === undefined) return undefined
  const result = value(candidate, op, first)
  if (result === undefined) return undefined
  return uniform(rounded(result, output.dtype), output.shape, output.dtype)
}

function value({ inputs, output }: Candidate, op: string, first: number): number | undefined {
  if (MOVES.has(op)) return first
  const unary = UNARY[op]
  if (unary !== undefined && inputs.length === 1) return unary(first)
  const second = uniformNumber(inputs[1] ?? null)
  const binary = BINARY[op]
  if (binary !== undefined && second !== undefined) return binary(first, second)
  if (op === 'ReduceMean') return first
  if (op === 'ReduceSum' && inputs[0] !== null) {
    return (first * sizeOf(inputs[0].shape)) / Math.max(1, sizeOf(output.shape))
  }
  return undefined
}

function rounded(x: number, dtype: ElementType): number {
  if (dtype === 'float32') return Math.fround(x)
  return dtype === 'bool' ? Number(x !== 0) : Math.trunc(x)
}
