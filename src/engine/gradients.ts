/** Gradients that tfjs lacks, or that it gets wrong where operands broadcast. Registered on import, for every backend. */
import type { GradConfig, Tensor } from '@tensorflow/tfjs'
import { tf } from './load-tfjs.ts'

/** Sums a gradient over what was broadcast. */
function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const axes = tf.backend_util.getReductionAxes(shape, gradient.shape)
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape)
}

/** The gradient of a function of `a` and `b` that may broadcast. */
function broadcasting(
  kernelName: string,
  partial: (dy: Tensor, a: Tensor, b: Tensor) => { a: () => Tensor; b: () => Tensor },
): GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => {
      const parts = partial(dy as Tensor, a, b)
      return { a: () => sumTo(parts.a(), a.shape), b: () => sumTo(parts.b(), b.shape) }
    },
  }
}

/** Nothing flows back through a decision. */
function flat(kernelName: string, names: string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: names,
    gradFunc: (_, saved) =>
      Object.fromEntries(names.map((name, i) => [name, () => tf.zeros(saved[i].shape, 'float32')])),
  }
}

/** The gradient of each operand is the product of the result's and the other operands, summed over other labels. */
const einsum: GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const [left, right] = (attributes as { equation: string }).equation.replaceAll(/\s/g, '').split('->')
    const labels = left.split(',')
    const gradient = (i: number) => () => {
      const others = labels.map((_, j) => j).filter((j) => j !== i)
      const known = [right, ...others.map((j) => labels[j])]
      // A label of this operand alone was summed over: its gradient is the same all along it.
      const kept = [...labels[i]].filter((label) => known.some((own) => own.includes(label)))
      const equation = `${known.join(',')}->${kept.join('')}`
      const partial = tf.einsum(equation, dy as Tensor, ...others.map((j) => saved[j]))
      const shape = [...labels[i]].map((label, axis) => (kept.includes(label) ? saved[i].shape[axis] : 1))
      return tf.broadcastTo(tf.reshape(partial, shape), saved[i].shape)
    }
    return Object.fromEntries(saved.map((_, i) => [i, gradient(i)])) as Record<string, () => Tensor>
  },
}

const gradients: GradConfig[] = [
  broadcasting(tf.Maximum, (dy, a, b) => ({
    a: () => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')),
    b: () => tf.mul(dy, tf.cast(tf.less(a, b), 'float32')),
  })),
  broadcasting(tf.Minimum, (dy, a, b) => ({
    a: () => tf.mul(dy, tf.cast(tf.lessEqual(a, b), 'float32')),
    b: () => tf.mul(dy, tf.cast(tf.greater(a, b), 'float32')),
  })),
  broadcasting(tf.SquaredDifference, (dy, a, b) => ({
    a: () => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    b: () => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  })),
  ...[tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual].map((name) =>
    flat(name, ['a', 'b']),
  ),
  ...[tf.LogicalAnd, tf.LogicalOr].map((name) => flat(name, ['a', 'b'])),
  flat(tf.LogicalNot, ['x']),
  einsum,
]

for (const gradient of gradients) tf.registerGradient(gradient)
