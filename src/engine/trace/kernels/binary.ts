/** Functions of two tensors that broadcast: arithmetic, comparisons, logic, selection. */
import { binary, broadcastShape, cast, emit, reshape, scalar, unary, where } from '../../graph/emit.ts'
import type { ElementType, Value } from '../../graph/value.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import { number } from './elementwise.ts'

type Call = KernelCall<unknown>

/** Arithmetic; bool operands are calculated with as 0 and 1, and the result is bool again, as in tfjs. */
function arithmetic(op: string): (call: Call) => Value {
  return ({ inputs: { a, b } }) => cast(binary(op, number(a), number(b)), a.dtype)
}

function compared(op: string): (call: Call) => Value {
  return ({ inputs: { a, b } }) => binary(op, number(a), number(b), 'bool')
}

function logical(op: string): (call: Call) => Value {
  return ({ inputs: { a, b } }) => binary(op, cast(a, 'bool'), cast(b, 'bool'), 'bool')
}

function asFloat(x: Value): Value {
  return cast(x, 'float32')
}

function zero(dtype: ElementType): Value {
  return scalar(0, dtype)
}

/** Whether exactly one of two numbers is negative. */
function signsDiffer(a: Value, b: Value): Value {
  return binary(
    'Xor',
    binary('Less', a, zero(a.dtype), 'bool'),
    binary('Less', b, zero(b.dtype), 'bool'),
    'bool',
  )
}

/** a/b rounded towards −∞. */
function floorDivide(a: Value, b: Value): Value {
  if (a.dtype === 'float32') return unary('Floor', binary('Div', a, b))
  const quotient = binary('Div', a, b)
  const exact = binary('Equal', binary('Mul', quotient, b), a, 'bool')
  const lower = binary('And', unary('Not', exact), signsDiffer(a, b), 'bool')
  return binary('Sub', quotient, cast(lower, a.dtype))
}

/** The remainder with the sign of the divisor. */
function modulo(a: Value, b: Value): Value {
  const truncated = remainder(a, b)
  return where(signsDiffer(a, b), remainder(binary('Add', truncated, b), b), truncated)
}

/** The remainder with the sign of the dividend. */
function remainder(a: Value, b: Value): Value {
  return emit('Mod', [a, b], { fmod: 1 }, broadcastShape(a.shape, b.shape), a.dtype)
}

/** tfjs lets a condition of one dimension choose whole rows. */
function rows(condition: Value, rank: number): Value {
  if (condition.shape.length !== 1 || rank <= 1) return condition
  const shape = [condition.shape[0], ...new Array<number>(rank - 1).fill(1)]
  return reshape(condition, shape)
}

export const binaries: Lowerings = {
  Add: arithmetic('Add'),
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  RealDiv: ({ inputs: { a, b } }: Call) => binary('Div', asFloat(a), asFloat(b)),
  FloorDiv: ({ inputs: { a, b } }: Call) => cast(floorDivide(number(a), number(b)), 'int32'),
  Mod: ({ inputs: { a, b } }: Call) => modulo(number(a), number(b)),
  Pow: arithmetic('Pow'),
  SquaredDifference: ({ inputs: { a, b } }: Call) => {
    const difference = binary('Sub', number(a), number(b))
    return binary('Mul', difference, difference)
  },
  AddN: ({ inputs }: Call) => Object.values(inputs).reduce((sum, x) => binary('Add', sum, x)),
  Equal: compared('Equal'),
  NotEqual: ({ inputs: { a, b } }: Call) => unary('Not', binary('Equal', number(a), number(b), 'bool')),
  Greater: compared('Greater'),
  GreaterEqual: compared('GreaterOrEqual'),
  Less: compared('Less'),
  LessEqual: compared('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: ({ inputs }: Call) => unary('Not', cast(inputs.x, 'bool')),
  Select: ({ inputs: { condition, t, e } }: Call) => {
    const chosen = where(rows(cast(condition, 'bool'), t.shape.length), number(t), number(e))
    return cast(chosen, t.dtype)
  },
}
