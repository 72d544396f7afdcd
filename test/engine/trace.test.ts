import test from 'ava'
import { orderedNodes } from '../../src/engine/graph/value.ts'
import { float32, onnxEngine } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { trace } from '../../src/engine/trace/trace.ts'
import { InputError, UnsupportedKernelError } from '../../src/errors.ts'
import { flat, flatly, random } from './compare.ts'

type Flat = Record<string, tf.Tensor>

test('an unknown kernel is named, with its function and where to add it', (t) => {
  const fn = flatly(({ x }: Flat) => ({ y: tf.spectral.rfft(x) }))
  t.throws(() => trace('spectrum', fn, { x: float32(8) }), {
    instanceOf: UnsupportedKernelError,
    message: /kernel (\w+), used by "spectrum".*src\/engine\/trace\/kernels\/elementwise\.ts,/,
  })
})

test('reading data that depends on inputs is refused, reading constants is not', (t) => {
  t.throws(
    () =>
      trace(
        'reader',
        flatly(({ x }: Flat) => ({ y: tf.mul(x, x.dataSync()[0]) })),
        { x: float32(2) },
      ),
    {
      instanceOf: InputError,
      message: /reads the data/,
    },
  )
  const fn = flatly(({ x }: Flat) => ({ y: tf.mul(x, tf.scalar(3).dataSync()[0]) }))
  t.is(trace('constant', fn, { x: float32(2) }).outputs.length, 1)
})

test('a function that creates variables is refused, and the variable is gone', (t) => {
  const fn = flatly(({ x }: Flat) => ({ y: tf.mul(x, tf.variable(tf.scalar(2), true, 'stray')) }))
  t.throws(() => trace('stateful', fn, { x: float32(2) }), { message: /creates the variable "stray"/ })
  t.false('stray' in tf.engine().registeredVariables)
})

test('tensors of one function are not taken for inputs of another', (t) => {
  let leaked: tf.Tensor | undefined
  const keep = flatly(({ x }: Flat) => {
    leaked = tf.keep(tf.neg(x))
    return { y: leaked }
  })
  trace('owner', keep, { x: float32(2) })
  t.throws(
    () =>
      trace(
        'thief',
        flatly(({ z }: Flat) => ({ y: tf.add(z, leaked!) })),
        { z: float32(2) },
      ),
    {
      message: /"thief" uses "x", a tensor of another compiled function/,
    },
  )
  leaked?.dispose()
})

test('results that are no tensors are named', (t) => {
  t.throws(() => trace('odd', (() => ({ a: { b: 3 } })) as never, {}), {
    message: /"odd" holds a number at "a\/b"/,
  })
})

test('tensors made outside become constants and stay usable', async (t) => {
  const outside = tf.tensor1d([1, 2])
  const compiled = await onnxEngine().compile(
    'closure',
    flatly(({ x }: Flat) => ({ y: tf.add(x, outside) })),
    {
      x: float32(2),
    },
  )
  const y = flat(await compiled.run({ x: { ...float32(2), values: Float32Array.of(1, 1) } })).y
  t.deepEqual(y.values, Float32Array.of(2, 3))
  t.deepEqual(outside.dataSync(), Float32Array.of(1, 2))
  outside.dispose()
  await compiled.dispose()
})

test('a failure within a gradient leaves no tensors and no tape', (t) => {
  const before = tf.memory().numTensors
  const fn = flatly(({ x }: Flat) => ({
    y: tf.grad((z) => {
      tf.exp(z)
      throw new Error('as told')
    })(x),
  }))
  t.throws(() => trace('failing', fn, { x: float32(2) }), { message: 'as told' })
  t.is(tf.memory().numTensors, before)
  t.is(tf.getBackend(), 'cpu')
  // tfjs still takes gradients.
  const gradient = tf.tidy(
    () =>
      tf
        .grad((z) => tf.sum(tf.square(z)))(tf.scalar(3))
        .dataSync()[0],
  )
  t.is(gradient, 6)
})

test('the same function gives the same model, byte for byte', async (t) => {
  const model = async () => {
    const fn = flatly(({ x }: Flat) => ({ y: tf.grad((z) => tf.sum(tf.softmax(tf.exp(z))))(x) }))
    const compiled = await onnxEngine().compile('twin', fn, { x: float32(2, 3) })
    const { model } = compiled
    await compiled.dispose()
    return model
  }
  t.deepEqual(await model(), await model())
})

test('what the outputs do not need is not in the graph', (t) => {
  const fn = flatly(({ x }: Flat) => {
    tf.exp(tf.sin(x))
    return { y: tf.neg(x) }
  })
  const { graph } = trace('lazy', fn, { x: float32(2) })
  t.deepEqual(
    orderedNodes(graph.outputs.map(({ value }) => value)).map(({ op }) => op),
    ['Neg'],
  )
})

test('an exported model runs by itself', async (t) => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const compiled = await onnxEngine().compile(
    'export',
    flatly(({ x }: Flat) => ({ y: tf.mul(x, 2) })),
    {
      x: float32(2),
    },
  )
  const session = await InferenceSession.create(compiled.model)
  t.deepEqual([...session.inputNames, ...session.outputNames], ['x', 'y'])
  const { values } = random(float32(2), 1)
  const { y } = await session.run({ x: new Tensor('float32', values as Float32Array, [2]) })
  t.deepEqual(
    y.data,
    Float32Array.from(values, (v) => v * 2),
  )
  await session.release()
  await compiled.dispose()
})
