import test from 'ava'
import { orderedNodes } from '../../src/engine/graph/value.ts'
import type { TensorSpec } from '../../src/engine/index.ts'
import { float32, onnxEngine } from '../../src/engine/index.ts'
import { optimize } from '../../src/engine/optimize/optimize.ts'
import { tf } from '../../src/engine/tf.ts'
import { trace } from '../../src/engine/trace/trace.ts'
import { mish } from '../../src/nn/activations.ts'
import { groupNorm } from '../../src/nn/group-norm.ts'
import { ParameterScope } from '../../src/nn/parameter-scope.ts'
import { close, flat, random, uploaded } from './compare.ts'

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

test('a bias that is a constant goes into the Gemm too', (t) => {
  const row = () => tf.tensor1d([1, 2, 3])
  t.deepEqual(
    operations(({ x, y }) => tf.add(tf.reshape(tf.matMul(x, y), [2, 2, 3]), row()), {
      ...x,
      y: float32(3, 3),
    }),
    ['Gemm', 'Reshape'],
  )
})

test('Mish of few numbers takes three operations where no gradient follows', (t) => {
  t.deepEqual(
    operations(({ x }) => mish(x), x),
    ['Softplus', 'Tanh', 'Mul'],
  )
  t.true(operations(({ x }) => mish(x), { x: float32(1 << 14) }).includes('Sigmoid'))
  t.true(operations(({ x }) => tf.grad((input) => mish(input))(x), x).includes('Sigmoid'))
})

test('a normalisation over all axes but two is one operation between transposes', (t) => {
  const scope = new ParameterScope()
  const normalize = groupNorm(scope, 2, 6)
  const signature = { x: float32(4, 5, 6), weight: float32(6), bias: float32(6) }
  const apply = ({ x, weight, bias }: Flat) => normalize({ weight, bias }, x)
  t.deepEqual(operations(apply, signature), [
    'Reshape',
    'Transpose',
    'InstanceNormalization',
    'Transpose',
    'Reshape',
    'Mul',
    'Reshape',
    'Add',
    'Reshape',
  ])
  const gradient = ({ weight, bias, ...rest }: Flat) => tf.grad((x) => apply({ x, weight, bias }))(rest.x)
  t.false(operations(gradient, signature).includes('InstanceNormalization'))
})

test('few numbers are normalised and activated as by the reference', async (t) => {
  const scope = new ParameterScope()
  const normalize = groupNorm(scope, 2, 6)
  const inputs = {
    x: random(float32(2, 5, 6), 1),
    weight: random(float32(6), 2),
    bias: random(float32(6), 3),
    // Where a softplus is nothing, and where it is its argument.
    extremes: { ...float32(6), values: Float32Array.of(-100, -20, -1e-4, 1e-4, 20, 100) },
  }
  const fn = ({ x, weight, bias, extremes }: Flat) => ({
    normal: mish(normalize({ weight, bias }, tf.add(tf.mul(x, 3), 2))),
    extremes: mish(extremes),
  })
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { values: _, ...spec }]) => [name, spec]),
  )
  const compiled = await onnxEngine({ threads: 1 }).compile('forward', fn as never, specs)
  const found = flat(await compiled.run(inputs))
  await tf.setBackend('cpu')
  const expected = fn(uploaded(inputs))
  for (const [name, tensor] of Object.entries(expected)) {
    close(
      t,
      found[name],
      { shape: tensor.shape, dtype: 'float32', values: tensor.dataSync<'float32'>() },
      name,
      2e-6,
    )
  }
})
