import { emit } from '../graph/emit.ts'
import { inputValue } from '../graph/value.ts'
import { float32 } from '../tensor.ts'
import type { OnnxCompiled } from './compiled.ts'
import { onnxCompiled } from './compiled.ts'

/**
 * Compiles the product A·Bᵀ as one Gemm: inputs `a` [n, D] and `b` [m, D], output `product` [n, m]. It is written
 * down as a graph, so that threads which need nothing else do without TensorFlow.js.
 *
 * @param threads within the operation; the result does not depend on them
 */
export function compileProduct(n: number, m: number, depth: number, threads: number): Promise<OnnxCompiled> {
  const [a, b] = [float32(n, depth), float32(m, depth)]
  const inputs = [
    { path: 'a', keys: ['a'], value: a },
    { path: 'b', keys: ['b'], value: b },
  ]
  const values = inputs.map(({ path, value }) => inputValue(path, value))
  const product = emit('Gemm', values, { transB: 1 }, [n, m], 'float32')
  return onnxCompiled(
    {
      graph: { name: 'product', inputs: values, outputs: [{ name: 'product', value: product }] },
      inputs,
      outputs: [{ path: 'product', keys: ['product'], value: float32(n, m) }],
    },
    { device: 'cpu', threads },
    () => {},
  )
}
