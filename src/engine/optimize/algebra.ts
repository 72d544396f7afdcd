/** Identities of arithmetic: neutral elements, powers, chains of constants. */
import { binary, cast, expand, scalar, unary, uniform } from '../graph/emit.ts'
import type { Value } from '../graph/value.ts'
import { producer, uniformNumber } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'
import { isFew } from './few.ts'
import type { Rule } from './rule.ts'

const COMMUTATIVE = new Set(['Add', 'Mul'])

/** x + 0, x − 0, x · 1, x / 1, x · 0, x · −1, 0 − x. */
export const neutralElements: Rule = ({ op, inputs, output }) => {
  const [a, b] = inputs
  if (a === null || b === null || a === undefined || b === undefined) return undefined
  const right = uniformNumber(b)
  const left = uniformNumber(a)
  // Copies of one operand at the result's size.
  const only = (x: Value) => expand(x, output.shape)
  if (op === 'Add' && right === 0) return only(a)
  if (op === 'Add' && left === 0) return only(b)
  if (op === 'Sub' && right === 0) return only(a)
  if (op === 'Sub' && left === 0) return only(unary('Neg', b))
  if (op === 'Div' && right === 1) return only(a)
  if (op !== 'Mul') return undefined
  if (right === 1) return only(a)
  if (left === 1) return only(b)
  // Gradients that end in a decision are zeros; what they would multiply need not be computed.
  if (right === 0 || left === 0) return uniform(0, output.shape, output.dtype)
  if (right === -1) return only(unary('Neg', a))
  if (left === -1) return only(unary('Neg', b))
  return undefined
}

/** Powers that are a few multiplications or roots. */
export const powers: Rule = ({ op, inputs, output }) => {
  if (op !== 'Pow' || output.dtype !== 'float32') return undefined
  const [x, exponent] = inputs
  if (x === null) return undefined
  const power = powerOf(x, uniformNumber(exponent))
  return power === undefined ? undefined : expand(power, output.shape)
}

function powerOf(x: Value, exponent: number | undefined): Value | undefined {
  switch (exponent) {
    case 1:
      return x
    case 2:
      return binary('Mul', x, x)
    case 3:
      return binary('Mul', binary('Mul', x, x), x)
    case 0.5:
      return unary('Sqrt', x)
    case 1.5:
      return binary('Mul', x, unary('Sqrt', x))
    case -0.5:
      return unary('Reciprocal', unary('Sqrt', x))
    case -1:
      return unary('Reciprocal', x)
    case -2:
      return unary('Reciprocal', binary('Mul', x, x))
    default:
      return undefined
  }
}

/** x · (1 / y) is x / y, where that divides no more numbers, or few. */
export const reciprocals: Rule = ({ op, inputs, output, uses }) => {
  const [a, b] = inputs
  if (op !== 'Mul' || !a || !b) return undefined
  for (const [x, inverse] of [
    [a, b],
    [b, a],
  ]) {
    const y = producer(inverse, 'Reciprocal')?.inputs[0]
    if (!y || uses(inverse) > 1) continue
    if (isFew(output) || sizeOf(output.shape) <= sizeOf(y.shape)) return binary('Div', x, y)
  }
  return undefined
}

/** (x · c) · d is x · (c · d), and so for sums; constants come second. */
export const constantChains: Rule = ({ op, inputs, output, uses }) => {
  if (!COMMUTATIVE.has(op) || output.dtype !== 'float32') return undefined
  const [a, b] = inputs
  if (a === null || b === null) return undefined
  if (uniformNumber(a) !== undefined && uniformNumber(b) === undefined) return binary(op, b, a)
  const second = uniformNumber(b)
  const inner = producer(a, op)
  if (second === undefined || inner === undefined || uses(a) > 1) return undefined
  const [x, c] = inner.inputs
  const first = uniformNumber(c)
  if (x === null || first === undefined) return undefined
  const joined = op === 'Mul' ? first * second : first + second
  return expand(binary(op, x, scalar(Math.fround(joined))), output.shape)
}

/** −(−x), x + (−y), x − (−y). */
export const negations: Rule = ({ op, inputs, uses }) => {
  const [a, b] = inputs
  if (a === null || a === undefined) return undefined
  if (op === 'Neg') return producer(a, 'Neg')?.inputs[0] ?? undefined
  if (b === null || b === undefined) return undefined
  const negated = (x: Value) => (uses(x) === 1 ? producer(x, 'Neg')?.inputs[0] : undefined)
  if (op === 'Add') {
    const right = negated(b)
    if (right) return binary('Sub', a, right)
    const left = negated(a)
    if (left) return binary('Sub', b, left)
  }
  if (op === 'Sub') {
    const right = negated(b)
    if (right) return binary('Add', a, right)
  }
  return undefined
}

/** A cast of a cast, where the first one lost nothing. */
export const casts: Rule = ({ op, inputs, output }) => {
  if (op !== 'Cast' || inputs[0] === null) return undefined
  const x = inputs[0]
  if (x.dtype === output.dtype) return x
  const inner = producer(x, 'Cast')?.inputs[0]
  return inner && inner.dtype === 'bool' ? cast(inner, output.dtype) : undefined
}
