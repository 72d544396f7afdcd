import test from 'ava'
import { orderedNodes } from '../../src/engine/graph/value.ts'
import type { TensorSpec } from '../../src/engine/index.ts'
import { float32 } from '../../src/engine/index.ts'
import { optimize } from '../../src/engine/optimize/optimize.ts'
import { tf } from '../../src/engine/tf.ts'
import { trace } from '../../src/engine/trace/trace.ts'

type Flat = Record<string, tf.Tensor>

/** The operations that are left of a function. */
function operations(fn: (inputs: Flat) => tf.Tensor, signature: Record<string, TensorSpec>): string[] {
  const { graph } = trace('optimised', ((inputs: Flat) => ({ y: fn(inputs) })) as never, signature)
  return orderedNodes(optimize(graph).outputs.map(({ value }) => value)).map(({ op }) => op)
}

const x = { x: float32(4, 3) }

test('neutral elements vanish', (t) => {
  t.deepEqual(
    operations(({ x }) => tf.div(tf.mul(tf.add(x, 0), 1), 1), x),
    [],
  )
  t.deepEqual(
    operations(({ x }) => tf.add(tf.mul(x, tf.ones([4, 3])), tf.zeros([4, 3])), x),
    [],
  )
  t.deepEqual(
    operations(({ x }) => tf.add(x, tf.mul(tf.exp(x), 0)), x),
    [],
  )
})

test('powers become products', (t) => {
  t.deepEqual(
    operations(({ x }) => tf.pow(x, 2), x),
    ['Mul'],
  )
  t.deepEqual(
    operations(({ x }) => tf.pow(x, tf.scalar(0.5)), x),
    ['Sqrt'],
  )
})

test('constants are calculated with at once', (t) => {
  t.deepEqual(
    operations(({ x }) => tf.mul(tf.mul(x, 2), tf.sqrt(tf.scalar(4))), x),
    ['Mul'],
  )
  t.deepEqual(
    operations(({ x }) => tf.sub(x, tf.neg(x)), x),
    ['Add'],
  )
})

test('equal operations are done once', (t) => {
  t.deepEqual(
    operations(({ x }) => tf.mul(tf.exp(x), tf.exp(x)), x),
    ['Exp', 'Mul'],
  )
})

test('reshapes and transposes that meet are one or none', (t) => {
  t.deepEqual(
    operations(({ x }) => tf.reshape(tf.reshape(x, [12]), [4, 3]), x),
    [],
  )
  t.deepEqual(
    operations(({ x }) => tf.transpose(tf.transpose(x)), x),
    [],
  )
  t.deepEqual(
    operations(({ x }) => tf.transpose(tf.reshape(x, [1, 12])), x),
    ['Reshape'],
  )
})

test('what is repeated broadcasts instead', (t) => {
  const signature = { ...x, row: float32(1, 3) }
  t.deepEqual(
    operations(({ x, row }) => tf.add(x, tf.tile(row, [4, 1])), signature),
    ['Add'],
  )
  t.deepEqual(
    operations(({ x }) => tf.grad((z) => tf.sum(tf.mul(z, z)))(x), x),
    ['Add'],
  )
})

test('a reciprocal that is only multiplied is a division', (t) => {
  t.deepEqual(
    operations(({ x, row }) => tf.mul(row, tf.reciprocal(x)), { ...x, row: float32(1, 3) }),
    ['Div'],
  )
  // Dividing thousands of numbers by a few would cost more than it spares.
  const large = { x: float32(100, 100), row: float32(1, 100) }
  t.deepEqual(
    operations(({ x, row }) => tf.mul(x, tf.reciprocal(row)), large),
    ['Reciprocal', 'Mul'],
  )
})

test('leading dimensions of one are left to broadcasting, where the result keeps its own', (t) => {
  const signature = { x: float32(1, 4, 3), row: float32(1, 3) }
  t.deepEqual(
    operations(({ x, row }) => tf.mul(x, tf.reshape(row, [1, 1, 3])), signature),
    ['Mul'],
  )
  t.deepEqual(
    operations(({ row }) => tf.exp(tf.add(tf.reshape(row, [1, 1, 3]), 1)), { row: float32(1, 3) }),
    ['Reshape', 'Add', 'Exp'],
  )
})

test('a product, its transposes and its bias are one Gemm', (t) => {
  const signature = { a: float32(5, 4), w: float32(3, 5), b: float32(3) }
  const layer = ({ a, w, b }: Flat) => tf.add(tf.matMul(tf.transpose(a), tf.transpose(w)), b)
  t.deepEqual(operations(layer, signature), ['Gemm'])
  // A product that is used twice must stay one.
  const twice = ({ a, w, b }: Flat) => {
    const product = tf.matMul(a, w, true, true)
    return tf.mul(tf.add(product, b), product)
  }
  t.deepEqual(operations(twice, signature), ['Gemm', 'Add', 'Mul'])
})

test('a convolution takes its bias along', (t) => {
  const signature = { x: float32(2, 5, 5, 3), w: float32(3, 3, 3, 4), b: float32(4) }
  const left = operations(
    ({ x, w, b }) => tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), b),
    signature,
  )
  t.false(left.includes('Add'))
  t.true(left.includes('Conv'))
})
