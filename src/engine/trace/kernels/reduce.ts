/** Reductions, running sums and products, softmax, the k largest. */

import { binary, cast, emit, int64s, pad, reduce, reducedShape, reshape, unary } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { makeNode } from '../../graph/value.ts'
import { tf, type tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import { number } from './elementwise.ts'
import { axisOf, narrow, reverse } from './shape.ts'

type Call<A = unknown> = KernelCall<A>
type Axes = number | number[] | null | undefined

function axesOf(axis: Axes, x: Value): number[] {
  return tf.util.parseAxisParam(axis as number[], [...x.shape]).sort((a, b) => a - b)
}

function reduction(op: string): (call: Call<{ axis: Axes; keepDims?: boolean }>) => Value {
  return ({ inputs, attributes }) => {
    const x = number(inputs.x)
    return reduce(op, x, axesOf(attributes.axis, x), attributes.keepDims ?? false)
  }
}

/** All and Any are the least and the greatest of zeros and ones. */
function quantifier(op: string): (call: Call<{ axis: Axes; keepDims?: boolean }>) => Value {
  return ({ inputs, attributes }) => {
    const x = cast(inputs.x, 'int32')
    return cast(reduce(op, x, axesOf(attributes.axis, x), attributes.keepDims ?? false), 'bool')
  }
}

/** The index of the first greatest or least element. */
function argument(op: string): (call: Call<{ axis: number }>) => Value {
  return ({ inputs, attributes }) => {
    const x = number(inputs.x)
    const axis = axesOf(attributes.axis, x)[0]
    return cast(emit(op, [x], { axis, keepdims: 0 }, reducedShape(x.shape, [axis], false), 'int64'), 'int32')
  }
}

/** Running products, in log₂ n steps: each multiplies with itself moved by 1, 2, 4, … places. */
function cumprod(x: Value, axis: number, exclusive: boolean, backwards: boolean): Value {
  const size = x.shape[axis]
  const moved = (value: Value, by: number) => {
    const shift = value.shape.map((_, i) => (i === axis ? by : 0))
    const none = value.shape.map(() => 0)
    return pad(narrow(value, axis, 0, size - by), shift, none, 'constant', 1)
  }
  let product = backwards ? reverse(x, [axis]) : x
  if (exclusive) product = moved(product, 1)
  for (let by = 1; by < size; by *= 2) product = binary('Mul', product, moved(product, by))
  return backwards ? reverse(product, [axis]) : product
}

export const reductions: Lowerings = {
  Sum: reduction('ReduceSum'),
  Mean: ({ inputs, attributes }: Call<tfjs.MeanAttrs>) => {
    const x = cast(inputs.x, 'float32')
    return reduce('ReduceMean', x, axesOf(attributes.axis, x), attributes.keepDims)
  },
  Max: ({ inputs, attributes }: Call<tfjs.MaxAttrs>) => {
    const x = number(inputs.x)
    return reduce('ReduceMax', x, axesOf(attributes.reductionIndices, x), attributes.keepDims)
  },
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: quantifier('ReduceMin'),
  Any: quantifier('ReduceMax'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: ({ inputs, attributes }: Call<tfjs.CumsumAttrs>) => {
    const x = number(inputs.x)
    if (x.shape.length === 0) return x
    const axis = axisOf(attributes.axis, x.shape.length)
    const flags = { exclusive: attributes.exclusive ? 1 : 0, reverse: attributes.reverse ? 1 : 0 }
    return emit('CumSum', [x, reshape(int64s([axis]), [])], flags, x.shape, x.dtype)
  },
  Cumprod: ({ inputs, attributes }: Call<tfjs.CumprodAttrs>) => {
    const x = number(inputs.x)
    return cumprod(x, axisOf(attributes.axis, x.shape.length), attributes.exclusive, attributes.reverse)
  },
  Softmax: ({ inputs: { logits }, attributes }: Call<tfjs.SoftmaxAttrs>) =>
    unary('Softmax', cast(logits, 'float32'), { axis: axisOf(attributes.dim, logits.shape.length) }),
  LogSoftmax: ({ inputs: { logits }, attributes }: Call<tfjs.LogSoftmaxAttrs>) =>
    unary('LogSoftmax', cast(logits, 'float32'), { axis: axisOf(attributes.axis, logits.shape.length) }),
  TopK: ({ inputs: { x }, attributes }: Call<tfjs.TopKAttrs>) => {
    const shape = [...x.shape.slice(0, -1), attributes.k]
    // tfjs always returns them in order.
    const node = makeNode('TopK', [x, int64s([attributes.k])], { axis: -1, largest: 1, sorted: 1 }, [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ])
    return [node.outputs[0], cast(node.outputs[1], 'int32')]
  },
}
