import type { TensorSpec } from '../../src/engine/index.ts'
import { float32, int32 } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'

/** An operation to check: its inputs are called a, b, c in order. */
export interface KernelCase {
  readonly name: string
  readonly inputs: readonly TensorSpec[]
  readonly run: (...inputs: never[]) => tf.Tensor | tf.Tensor[]
  /** Whether to check gradients with respect to its float inputs; default true. */
  readonly gradient?: boolean
  /** Makes the random numbers fit the function's domain. */
  readonly prepare?: (x: number) => number
}

type X = tf.Tensor

const bool = (...shape: number[]): TensorSpec => ({ shape, dtype: 'bool' })
const positive = (x: number) => Math.abs(x) + 0.1
const unit = (x: number) => Math.tanh(x) * 0.9
const whole = { gradient: false } as const

function unaries(): KernelCase[] {
  const plain: [string, (x: X) => X][] = [
    ['abs', tf.abs],
    ['neg', tf.neg],
    ['square', tf.square],
    ['exp', tf.exp],
    ['expm1', tf.expm1],
    ['sin', tf.sin],
    ['cos', tf.cos],
    ['tan', tf.tan],
    ['sinh', tf.sinh],
    ['cosh', tf.cosh],
    ['tanh', tf.tanh],
    ['atan', tf.atan],
    ['asinh', tf.asinh],
    ['erf', tf.erf],
    ['sigmoid', tf.sigmoid],
    ['softplus', tf.softplus],
    ['relu', tf.relu],
    ['relu6', (x) => tf.relu6(tf.mul(x, 5))],
    ['elu', tf.elu],
    ['selu', tf.selu],
    ['leakyRelu', (x) => tf.leakyRelu(x, 0.3)],
    ['clipByValue', (x) => tf.clipByValue(x, -0.5, 0.7)],
    ['softmax', (x) => tf.softmax(x)],
    ['logSoftmax', (x) => tf.logSoftmax(x)],
  ]
  const inDomain: [string, (x: X) => X, (x: number) => number][] = [
    ['sqrt', tf.sqrt, positive],
    ['rsqrt', tf.rsqrt, positive],
    ['reciprocal', tf.reciprocal, positive],
    ['log', tf.log, positive],
    ['log1p', tf.log1p, positive],
    ['asin', tf.asin, unit],
    ['acos', tf.acos, unit],
    ['atanh', tf.atanh, unit],
    ['acosh', tf.acosh, (x) => positive(x) + 1],
    ['pow by a constant', (x) => tf.pow(x, 2.5), positive],
  ]
  const flat: [string, (x: X) => X][] = [
    ['sign', tf.sign],
    ['floor', tf.floor],
    ['ceil', tf.ceil],
    ['round', (x) => tf.round(tf.mul(x, 2))],
    ['step', (x) => tf.step(x)],
    ['step with slope', (x) => tf.step(x, 0.25)],
    ['isNaN', tf.isNaN],
    ['isInf', (x) => tf.isInf(tf.div(x, tf.zerosLike(x)))],
    ['isFinite', tf.isFinite],
    ['logicalNot', (x) => tf.logicalNot(tf.greater(x, 0))],
    ['cast to int32', (x) => tf.cast(tf.mul(x, 5), 'int32')],
    ['cast to bool', (x) => tf.cast(tf.floor(x), 'bool')],
    ['zerosLike', tf.zerosLike],
    ['onesLike', tf.onesLike],
    ['expm1 near 0', (x) => tf.mul(tf.expm1(tf.mul(x, 1e-5)), 1e5)],
    ['log1p near 0', (x) => tf.mul(tf.log1p(tf.mul(x, 1e-5)), 1e5)],
  ]
  return [
    ...plain.map(([name, run]) => ({ name, run, inputs: [float32(3, 5)] })),
    ...inDomain.map(([name, run, prepare]) => ({ name, run, prepare, inputs: [float32(3, 5)] })),
    ...flat.map(([name, run]) => ({ name, run, ...whole, inputs: [float32(4, 5)] })),
    { name: 'relu of int32', run: (x: X) => tf.relu(tf.sub(x, 2)), ...whole, inputs: [int32(6)] },
    { name: 'prelu', run: (x: X, a: X) => tf.prelu(x, a), inputs: [float32(2, 3, 4), float32(3, 4)] },
  ]
}

function binaries(): KernelCase[] {
  const plain: [string, (a: X, b: X) => X][] = [
    ['add', tf.add],
    ['sub', tf.sub],
    ['mul', tf.mul],
    ['maximum', tf.maximum],
    ['minimum', tf.minimum],
    ['squaredDifference', tf.squaredDifference],
  ]
  const flat: [string, (a: X, b: X) => X][] = [
    ['equal', tf.equal],
    ['notEqual', tf.notEqual],
    ['greater', tf.greater],
    ['greaterEqual', tf.greaterEqual],
    ['less', tf.less],
    ['lessEqual', tf.lessEqual],
  ]
  return [
    ...plain.flatMap(([name, run]) => [
      { name, run, inputs: [float32(4, 3), float32(4, 3)] },
      { name: `${name} broadcasting`, run, inputs: [float32(2, 1, 3), float32(4, 1)] },
      { name: `${name} of int32`, run, ...whole, inputs: [int32(5), int32(5)] },
    ]),
    ...flat.flatMap(([name, run]) => [
      { name, run, ...whole, inputs: [float32(4, 3), float32(3)] },
      { name: `${name} of int32`, run, ...whole, inputs: [int32(20), int32(20)] },
    ]),
    { name: 'div', run: tf.div, inputs: [float32(4, 3), float32(3)], prepare: positive },
    { name: 'pow', run: tf.pow, inputs: [float32(4, 3), float32(4, 3)], prepare: positive },
    {
      name: 'floorDiv of int32',
      run: (a: X, b: X) => tf.floorDiv(tf.sub(a, 2), tf.sub(tf.mul(b, 2), 3)),
      ...whole,
      inputs: [int32(20), int32(20)],
    },
    {
      name: 'mod',
      run: (a: X, b: X) => tf.mod(tf.mul(a, 3), b),
      ...whole,
      inputs: [float32(30), float32(30)],
    },
    {
      name: 'mod of int32',
      run: (a: X, b: X) => tf.mod(tf.sub(a, 2), tf.sub(tf.mul(b, 2), 3)),
      ...whole,
      inputs: [int32(30), int32(30)],
    },
    { name: 'logicalAnd', run: tf.logicalAnd, ...whole, inputs: [bool(8), bool(8)] },
    { name: 'logicalOr', run: tf.logicalOr, ...whole, inputs: [bool(8), bool(8)] },
    { name: 'logicalXor', run: tf.logicalXor, ...whole, inputs: [bool(8), bool(8)] },
    {
      name: 'addN',
      run: (a: X, b: X, c: X) => tf.addN([a, b, c]),
      inputs: [float32(3), float32(3), float32(3)],
    },
    {
      name: 'where',
      run: (condition: X, a: X, b: X) => tf.where(condition, a, b),
      inputs: [bool(3, 4), float32(3, 4), float32(3, 4)],
    },
    {
      name: 'where broadcasting',
      run: (condition: X, a: X, b: X) => tf.where(condition, a, b),
      inputs: [bool(3, 1), float32(3, 4), float32(4)],
    },
    {
      name: 'stop of a gradient',
      run: (a: X, b: X) => tf.mul(a, tf.cast(tf.greater(b, 0), 'float32')),
      inputs: [float32(5), float32(5)],
    },
  ]
}

function reductions(): KernelCase[] {
  const all: [string, (x: X, axis?: number[], keep?: boolean) => X][] = [
    ['sum', tf.sum],
    ['mean', tf.mean],
    ['max', tf.max],
    ['min', tf.min],
  ]
  return [
    ...all.flatMap(([name, run]) => [
      { name: `${name} of everything`, run: (x: X) => run(x), inputs: [float32(2, 3, 4)] },
      { name: `${name} of the last axis`, run: (x: X) => run(x, [-1]), inputs: [float32(2, 3, 4)] },
      {
        name: `${name} of the first axis, kept`,
        run: (x: X) => run(x, [0], true),
        inputs: [float32(2, 3, 4)],
      },
      { name: `${name} of two axes, kept`, run: (x: X) => run(x, [0, 2], true), inputs: [float32(2, 3, 4)] },
    ]),
    { name: 'prod', run: (x: X) => tf.prod(x, 1), ...whole, inputs: [float32(2, 3, 4)] },
    { name: 'prod of the last axis', run: (x: X) => tf.prod(x, -1), ...whole, inputs: [float32(3, 4)] },
    { name: 'sum of int32', run: (x: X) => tf.sum(x, 0), ...whole, inputs: [int32(3, 4)] },
    { name: 'sum of bool', run: (x: X) => tf.sum(x), ...whole, inputs: [bool(3, 4)] },
    { name: 'all', run: (x: X) => tf.all(x, 0), ...whole, inputs: [bool(2, 9)] },
    { name: 'any', run: (x: X) => tf.any(x, 0), ...whole, inputs: [bool(2, 9)] },
    { name: 'argMax', run: (x: X) => tf.argMax(x, 1), ...whole, inputs: [float32(3, 6)] },
    { name: 'argMin', run: (x: X) => tf.argMin(x, 0), ...whole, inputs: [float32(3, 6)] },
    { name: 'argMax with ties', run: (x: X) => tf.argMax(x, 1), ...whole, inputs: [int32(3, 20)] },
    { name: 'cumsum', run: (x: X) => tf.cumsum(x, 1), inputs: [float32(3, 6)] },
    {
      name: 'cumsum exclusive, reversed',
      run: (x: X) => tf.cumsum(x, 1, true, true),
      inputs: [float32(3, 6)],
    },
    { name: 'cumprod', run: (x: X) => tf.cumprod(x, 1), ...whole, inputs: [float32(3, 6)] },
    {
      name: 'cumprod exclusive, reversed',
      run: (x: X) => tf.cumprod(x, 0, true, true),
      ...whole,
      inputs: [float32(5, 2)],
    },
    { name: 'moments', run: (x: X) => Object.values(tf.moments(x, [1])), inputs: [float32(3, 6)] },
    { name: 'logSumExp', run: (x: X) => tf.logSumExp(x, 1), inputs: [float32(3, 6)] },
    { name: 'norm', run: (x: X) => tf.norm(x), inputs: [float32(3, 6)] },
    { name: 'topk', run: (x: X) => Object.values(tf.topk(x, 3)), ...whole, inputs: [float32(3, 6)] },
  ]
}

/** Operations on elements, pairs of elements, and along axes. */
export const ELEMENT_CASES: readonly KernelCase[] = [...unaries(), ...binaries(), ...reductions()]
