import test from 'ava'
import fc from 'fast-check'
import { tf } from '../../src/engine/tf.ts'
import { gelu, mish, silu } from '../../src/nn/activations.ts'
import { attend } from '../../src/nn/attention.ts'
import { conv1d, transposedConv1d } from '../../src/nn/conv1d.ts'
import { conv2d, type Padding2d, pointwise } from '../../src/nn/conv2d.ts'
import { dropout } from '../../src/nn/dropout.ts'
import { film } from '../../src/nn/film.ts'
import { groupNorm } from '../../src/nn/group-norm.ts'
import { layerNorm } from '../../src/nn/layer-norm.ts'
import type { Layer } from '../../src/nn/linear.ts'
import { ParameterScope, type Parameters, storedShape } from '../../src/nn/parameter-scope.ts'
import { downsample, upsample } from '../../src/nn/resample.ts'
import { sinusoidalEmbedding } from '../../src/nn/sinusoidal-embedding.ts'
import { convolutionTaps, transposedTaps } from '../../src/nn/taps.ts'
import { Rng } from '../../src/random/rng.ts'
import { close } from '../models/fixture.ts'

test.before(async () => {
  await tf.setBackend('cpu')
})

/** Value, and gradients of Σ value · probe for each argument. */
function gradients(fn: (...args: tf.Tensor[]) => tf.Tensor, args: tf.Tensor[]) {
  const value = fn(...args)
  const probe = tf.reshape(tf.sin(tf.range(0, value.size).mul(1.7)), value.shape)
  const grads = tf.grads((...given: tf.Tensor[]) => tf.sum(tf.mul(fn(...given), probe)))(args)
  return { value: value.dataSync(), grads: grads.map((grad) => grad.dataSync()) }
}

function draw(rng: Rng, ...shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(rng.fillNormal(new Float32Array(size)), shape)
}

/** A layer's parameters drawn at random, in the layout it stores them in. */
function parametersOf(scope: ParameterScope, rng: Rng): { names: string[]; tensors: tf.Tensor[] } {
  const names = [...scope.definitions.keys()]
  const tensors = [...scope.definitions.values()].map((definition) => draw(rng, ...storedShape(definition)))
  return { names, tensors }
}

function named(names: string[], tensors: tf.Tensor[]): Parameters {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]]))
}

for (const transposed of [false, true]) {
  const kind = transposed ? 'transposed convolutions' : 'convolutions'
  test(`${kind} and their gradients are those of tfjs, for any window`, (t) => {
    fc.assert(
      fc.property(
        fc.record({
          kernel: fc.integer({ min: 1, max: 5 }),
          stride: fc.integer({ min: 1, max: 3 }),
          padding: fc.integer({ min: 0, max: 2 }),
          time: fc.integer({ min: 5, max: 8 }),
          inputs: fc.integer({ min: 1, max: 3 }),
          outputs: fc.integer({ min: 1, max: 3 }),
          seed: fc.nat(),
        }),
        ({ kernel, stride, padding, time, inputs, outputs, seed }) => {
          const limit = Math.min(padding, kernel - 1)
          const scope = new ParameterScope()
          const make = transposed ? transposedConv1d : conv1d
          const layer = make(scope, { inputs, outputs, kernel, stride, padding: limit })
          const rng = Rng.seeded(seed)
          const { names, tensors } = parametersOf(scope, rng)
          const x = draw(rng, 2, time, inputs)
          const ours = gradients((input, ...given) => layer(named(names, given), input), [x, ...tensors])
          const reference = (input: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
            const size = (time - 1) * stride + kernel
            if (!transposed) {
              const filter = tf.transpose(weight, [1, 2, 0]) as tf.Tensor3D
              const padded = tf.pad(input, [
                [0, 0],
                [limit, limit],
                [0, 0],
              ]) as tf.Tensor3D
              return tf.add(tf.conv1d(padded, filter, stride, 'valid'), bias)
            }
            const filter = tf.reshape(tf.transpose(weight, [1, 0, 2]), [kernel, 1, outputs, inputs])
            const wide = tf.conv2dTranspose(
              tf.reshape(input, [2, time, 1, inputs]) as tf.Tensor4D,
              filter as tf.Tensor4D,
              [2, size, 1, outputs],
              [stride, 1],
              'valid',
            )
            const cut = tf.slice(wide, [0, limit, 0, 0], [2, size - 2 * limit, 1, outputs])
            return tf.add(tf.reshape(cut, [2, -1, outputs]), bias)
          }
          const theirs = gradients(reference as never, [x, ...tensors])
          close(t, ours.value, theirs.value, { relmax: 1e-5, abs: 1e-6 }, 'value')
          for (const [index, grad] of theirs.grads.entries()) {
            close(t, ours.grads[index], grad, { relmax: 1e-5, abs: 1e-6 }, `gradient ${index}`)
          }
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })
}

test('the adjoint table holds exactly the pairs of the table', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
      (inputs, kernel, stride, padding) => {
        fc.pre(inputs + 2 * padding >= kernel)
        const window = { kernel, stride, padding }
        const forward = convolutionTaps(inputs, window)
        const adjoint = transposedTaps(forward.outputs, window, inputs)
        const pairs = (taps: typeof forward, flip: boolean) =>
          [...taps.sources]
            .flatMap((source, index) => {
              const position = Math.floor(index / kernel)
              if (source === taps.inputs) return []
              return [(flip ? [source, position] : [position, source]).concat(index % kernel).join()]
            })
            .sort()
        t.deepEqual(pairs(adjoint, true), pairs(forward, false))
      },
    ),
    { numRuns: 60, seed: 3 },
  )
})

const ACTIVATIONS = {
  mish: [mish, (x: number) => x * Math.tanh(Math.log1p(Math.exp(Math.min(x, 40))))],
  silu: [silu, (x: number) => x / (1 + Math.exp(-x))],
  // Φ by its series, for |x| where it converges well.
  gelu: [gelu, (x: number) => x * normalCumulative(x)],
} as const

for (const [name, [activation, exact]] of Object.entries(ACTIVATIONS)) {
  test(`${name} and its gradient match float64`, (t) => {
    const points = Float32Array.from({ length: 121 }, (_, i) => (i - 60) / 12)
    const [value, slope] = along(activation, points)
    const step = 1e-5
    // A few units in the last place of float32, at values up to 5.
    close(t, value, Array.from(points, exact), { relmax: 5e-7 }, 'value')
    const slopes = Array.from(points, (x) => (exact(x + step) - exact(x - step)) / (2 * step))
    close(t, slope, slopes, { abs: 2e-6 }, 'slope')
  })

  test(`${name} is finite far from zero`, (t) => {
    const far = Float32Array.of(-1e30, -1000, -100, 100, 1000, 1e15)
    const [value, slope] = along(activation, far)
    close(t, value.subarray(0, 3), [0, 0, 0], { abs: 1e-30 }, 'left')
    close(t, value.subarray(3), far.subarray(3), { relmax: 1e-6 }, 'right')
    close(t, slope, [0, 0, 0, 1, 1, 1], { abs: 1e-6 }, 'slope')
  })
}

test('norms and their gradients are those of the plain formula', (t) => {
  const rng = Rng.seeded(2)
  const moments = (x: tf.Tensor, axes: number[]) => {
    const { mean, variance } = tf.moments(x, axes, true)
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
  }
  const layers = (scope: ParameterScope) => layerNorm(scope, 12)
  const groups = (scope: ParameterScope) => groupNorm(scope, 4, 12)
  const overGroups = (x: tf.Tensor) =>
    tf.reshape(moments(tf.reshape(x, [x.shape[0], -1, 4, 3]), [1, 3]), x.shape)
  const cases: [time: number, (scope: ParameterScope) => Layer, (x: tf.Tensor) => tf.Tensor][] = [
    [5, layers, (x) => moments(x, [2])],
    [5, groups, overGroups],
    // Large tensors are summed in another way.
    [400, groups, overGroups],
  ]
  for (const [time, make, normalize] of cases) {
    const scope = new ParameterScope()
    const layer = make(scope)
    const { names, tensors } = parametersOf(scope, rng)
    const x = tf.add(draw(rng, 2, time, 12), 3)
    const ours = gradients((input, ...given) => layer(named(names, given), input), [x, ...tensors])
    const theirs = gradients((input, w, b) => tf.add(tf.mul(normalize(input), w), b), [x, ...tensors])
    close(t, ours.value, theirs.value, { relmax: 1e-5 }, 'value')
    for (const [index, grad] of theirs.grads.entries()) {
      close(t, ours.grads[index], grad, { relmax: 2e-5 }, `gradient ${index}`)
    }
  }
})

test('images are normalised over all of space, with the epsilon given', (t) => {
  const rng = Rng.seeded(5)
  const [flat, square] = [2, 4].map((height) => {
    const scope = new ParameterScope()
    const layer = groupNorm(scope, 2, 4, 0.5)
    const { names, tensors } = parametersOf(scope, Rng.seeded(6))
    const x = tf.reshape(draw(Rng.seeded(7), 3, 8, 4), [3, height, 8 / height, 4])
    return gradients((input, ...given) => layer(named(names, given), input), [x, ...tensors])
  })
  close(t, flat.value, square.value, {}, 'value')
  const x = draw(rng, 1, 8, 1, 1)
  const only = groupNorm(new ParameterScope(), 1, 1, 0.5)({ weight: tf.ones([1]), bias: tf.zeros([1]) }, x)
  const { mean, variance } = tf.moments(x)
  close(
    t,
    only.dataSync(),
    tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.5))).dataSync(),
    { abs: 1e-6 },
    'epsilon',
  )
})

const ONE = [1, 1] as const

test('two-dimensional convolutions pad on each side as told', (t) => {
  const rng = Rng.seeded(8)
  const sides: [number, Padding2d | undefined][] = [
    [1, undefined],
    [2, 1],
    [
      2,
      [
        [0, 1],
        [2, 0],
      ],
    ],
  ]
  for (const [stride, padding] of sides) {
    const scope = new ParameterScope()
    const layer = conv2d(scope, { inputs: 2, outputs: 3, kernel: 3, stride, padding })
    const { names, tensors } = parametersOf(scope, rng)
    const [rows, columns] = typeof padding === 'object' ? padding : [ONE, ONE]
    const x = draw(rng, 2, 6, 5, 2)
    const ours = gradients((input, ...given) => layer(named(names, given), input), [x, ...tensors])
    const plain = (input: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
      const wide = tf.pad(input, [[0, 0], [...rows], [...columns], [0, 0]]) as tf.Tensor4D
      return tf.add(tf.conv2d(wide, weight as tf.Tensor4D, stride, 'valid'), bias)
    }
    const theirs = gradients(plain as never, [x, ...tensors])
    close(t, ours.value, theirs.value, { abs: 1e-5 }, 'value')
    for (const [index, grad] of theirs.grads.entries()) {
      close(t, ours.grads[index], grad, { relmax: 1e-5 }, `gradient ${index}`)
    }
  }
})

test('a convolution of single pixels is that of a kernel of 1', (t) => {
  const rng = Rng.seeded(9)
  const weight = draw(rng, 3, 2, 1, 1)
  const bias = draw(rng, 3)
  const x = draw(rng, 2, 4, 5, 2)
  const pixels = pointwise(new ParameterScope(), { inputs: 2, outputs: 3 })
  const windows = conv2d(new ParameterScope(), { inputs: 2, outputs: 3, kernel: 1 })
  const whole = windows({ weight: tf.transpose(weight, [2, 3, 1, 0]), bias }, x)
  close(t, pixels({ weight, bias }, x).dataSync(), whole.dataSync(), { abs: 1e-6 }, 'value')
})

test('images grow by repeating pixels and shrink by averaging them', (t) => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])
  t.deepEqual([...upsample(x).dataSync()], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
  t.deepEqual([...downsample(upsample(x)).dataSync()], [1, 2, 3, 4])
  // Each pixel's gradient is the sum over its four copies, in every image of the batch.
  const wide = draw(Rng.seeded(11), 2, 4, 6, 3)
  const slope = tf.grad((given) => tf.sum(tf.mul(upsample(given), wide)))(tf.zeros([2, 2, 3, 3]))
  close(t, slope.dataSync(), tf.mul(downsample(wide), 4).dataSync(), { abs: 1e-5 }, 'gradient')
  t.deepEqual(downsample(tf.zeros([2, 7, 5, 3])).shape, [2, 3, 2, 3])
})

test('attention in heads is attention of each head', (t) => {
  const rng = Rng.seeded(10)
  const [q, k, v] = [draw(rng, 2, 3, 4), draw(rng, 2, 5, 4), draw(rng, 2, 5, 4)]
  const half = (x: tf.Tensor, head: number) => tf.slice(x, [0, 0, 2 * head], [-1, -1, 2])
  const single = [0, 1].map((head) => {
    const scores = tf.matMul(half(q, head), half(k, head), false, true)
    return tf.matMul(tf.softmax(tf.div(scores, Math.SQRT2)), half(v, head))
  })
  close(t, attend(q, k, v, 2).dataSync(), tf.concat(single, 2).dataSync(), { abs: 1e-6 }, 'value')
})

test('modulation scales and shifts, or shifts only', (t) => {
  const rng = Rng.seeded(4)
  const x = draw(rng, 2, 3, 4)
  const both = draw(rng, 2, 8)
  const plain = (input: tf.Tensor, embedding: tf.Tensor) => {
    const [scale, shift] = tf.split(embedding, 2, 1).map((half) => tf.expandDims(half, 1))
    return tf.add(tf.mul(input, scale), shift)
  }
  const ours = gradients(film, [x, both])
  const theirs = gradients(plain, [x, both])
  close(t, ours.value, theirs.value, { abs: 1e-6 }, 'value')
  for (const [index, grad] of theirs.grads.entries()) {
    close(t, ours.grads[index], grad, { abs: 1e-5 }, `gradient ${index}`)
  }
  const shift = draw(rng, 2, 4)
  const expected = tf.add(x, tf.expandDims(shift, 1)).dataSync()
  close(t, film(x, shift).dataSync(), expected, {}, 'shift')
})

test('the time embedding has the sines first and ends at the frequency 1/10000', (t) => {
  const values = sinusoidalEmbedding(tf.tensor1d([0, 50]), 8).dataSync()
  close(t, values.subarray(0, 8), [0, 0, 0, 0, 1, 1, 1, 1], {}, 'time 0')
  const angles = [0, 1, 2, 3].map((i) => 50 * 10000 ** (-i / 3))
  const expected = [...angles.map(Math.sin), ...angles.map(Math.cos)]
  close(t, values.subarray(8), expected, { abs: 1e-5 }, 'time 50')
})

test('dropout keeps the rest at the same mean', (t) => {
  const x = tf.tensor1d([1, 2, 3, 4])
  const uniform = tf.tensor1d([0, 0.24, 0.25, 0.9])
  close(t, dropout(x, 0.25, uniform).dataSync(), [0, 0, 4, 16 / 3], { abs: 1e-6 }, 'dropped')
  t.is(dropout(x, 0.25, undefined), x)
})

test('a parameter cannot be defined twice', (t) => {
  const scope = new ParameterScope().child('a')
  layerNorm(scope, 2)
  t.throws(() => layerNorm(scope, 2), { message: /"a\.weight" is defined twice/ })
})

/** Values and slopes of an elementwise function. */
function along(fn: (x: tf.Tensor) => tf.Tensor, points: Float32Array): [Float32Array, Float32Array] {
  const x = tf.tensor1d(points)
  const slope = tf.grad((input) => tf.sum(fn(input)))(x)
  return [fn(x).dataSync() as Float32Array, slope.dataSync() as Float32Array]
}

function normalCumulative(x: number): number {
  let term = x
  let sum = x
  for (let k = 1; k < 200; k++) {
    term *= (-x * x) / (2 * k)
    sum += term / (2 * k + 1)
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI)
}
