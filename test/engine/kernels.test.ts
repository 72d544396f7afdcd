import test from 'ava'
import type { HostTensor, TensorSpec, Tree } from '../../src/engine/index.ts'
import { onnxEngine } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { close, flat, random, uploaded } from './compare.ts'
import type { KernelCase } from './kernel-cases.ts'
import { ELEMENT_CASES } from './kernel-cases.ts'
import { STRUCTURE_CASES } from './structure-cases.ts'

const engines = { optimised: onnxEngine({ threads: 1 }), plain: onnxEngine({ threads: 1, optimize: false }) }

/** The operation's outputs, and the gradient of their weighted sum with respect to each float input. */
function checked(kernel: KernelCase): (inputs: Tree<tf.Tensor>) => Tree<tf.Tensor> {
  const run = kernel.run as unknown as (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]
  return (inputs) => {
    const given = Object.values(inputs) as tf.Tensor[]
    const outputs = [run(...given)].flat()
    const result: Record<string, tf.Tensor> = {}
    for (const [i, output] of outputs.entries()) result[`y${i}`] = output
    if (kernel.gradient === false) return result
    const float = given.map((_, i) => i).filter((i) => given[i].dtype === 'float32')
    const loss = (...xs: tf.Tensor[]) => {
      const all = [...given]
      for (const [j, i] of float.entries()) all[i] = xs[j]
      const ys = [run(...all)].flat()
      const sums = ys.map((y) => tf.sum(tf.mul(y, weights(y.shape))))
      return sums.reduce((a, b) => tf.add(a, b))
    }
    const gradients = tf.grads(loss)(float.map((i) => given[i]))
    for (const [j, gradient] of gradients.entries()) result[`d${float[j]}`] = gradient
    return result
  }
}

/** Weights that tell the elements apart. */
function weights(shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.reshape(tf.cos(tf.mul(tf.range(0, size), 1.7)), shape)
}

for (const kernel of [...ELEMENT_CASES, ...STRUCTURE_CASES]) {
  test(kernel.name, async (t) => {
    const names = ['a', 'b', 'c'].slice(0, kernel.inputs.length)
    const inputs: Record<string, HostTensor> = {}
    const signature: Record<string, TensorSpec> = {}
    for (const [i, name] of names.entries()) {
      const tensor = random(kernel.inputs[i], i + 1)
      const { prepare } = kernel
      if (prepare !== undefined)
        for (let j = 0; j < tensor.values.length; j++) tensor.values[j] = prepare(tensor.values[j])
      inputs[name] = tensor
      signature[name] = kernel.inputs[i]
    }
    const fn = checked(kernel)
    const expected = reference(fn, inputs)
    for (const [kind, engine] of Object.entries(engines)) {
      const compiled = await engine.compile(kernel.name, fn, signature)
      const actual = flat(await compiled.run(inputs))
      t.deepEqual(Object.keys(actual), Object.keys(expected))
      for (const name of Object.keys(expected)) close(t, actual[name], expected[name], `${name}, ${kind}`)
      await compiled.dispose()
    }
  })
}

function reference(
  fn: (inputs: Tree<tf.Tensor>) => Tree<tf.Tensor>,
  inputs: Record<string, HostTensor>,
): Record<string, HostTensor> {
  const expected: Record<string, HostTensor> = {}
  tf.tidy(() => {
    for (const [name, tensor] of Object.entries(fn(uploaded(inputs)) as Record<string, tf.Tensor>)) {
      const { shape, dtype } = tensor
      expected[name] = { shape, dtype: dtype as 'float32', values: tensor.dataSync() as Float32Array }
    }
  })
  return expected
}
