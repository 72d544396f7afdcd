import type { ExecutionContext } from 'ava'
import type { HostTensor, TensorFunction, TensorSpec, Tree } from '../../src/engine/index.ts'
import { sizeOf } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { Rng } from '../../src/random/rng.ts'

/** Random numbers of a shape: normal for float32, 0 … 3 for int32, 0 or 1 for bool. */
export function random({ shape, dtype }: TensorSpec, seed: number): HostTensor {
  const rng = Rng.seeded(seed)
  const size = sizeOf(shape)
  if (dtype === 'float32') return { shape, dtype, values: rng.fillNormal(new Float32Array(size)) }
  const draw = Array.from({ length: size }, () => rng.integer(0, dtype === 'bool' ? 2 : 4))
  return { shape, dtype, values: dtype === 'bool' ? Uint8Array.from(draw) : Int32Array.from(draw) }
}

/** A flat record of host tensors as tensors of the active tfjs backend. */
export function uploaded(inputs: Record<string, HostTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape, dtype }]) => [
      name,
      tf.tensor(values, [...shape], dtype),
    ]),
  )
}

/** Asserts that two tensors agree in shape and type, and in each element within a tolerance that grows with it. */
export function close(
  t: ExecutionContext,
  actual: HostTensor,
  expected: HostTensor,
  what: string,
  tolerance = 1e-4,
): void {
  t.deepEqual([...actual.shape], [...expected.shape], `shape of ${what}`)
  t.is(actual.dtype, expected.dtype, `type of ${what}`)
  for (let i = 0; i < expected.values.length; i++) {
    const [a, b] = [actual.values[i], expected.values[i]]
    if (Object.is(a, b) || a === b) continue
    if (!(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)))) {
      t.fail(`${what}: element ${i} is ${a}, not ${b}`)
      return
    }
  }
  t.pass()
}

/** The tensors of a flat tree. */
export function flat(tree: Tree<HostTensor>): Record<string, HostTensor> {
  return tree as Record<string, HostTensor>
}

/** A function of a flat record of tensors, as the engine's functions of trees. */
export function flatly(fn: (inputs: Record<string, tf.Tensor>) => Tree<tf.Tensor>): TensorFunction {
  return (inputs) => fn(inputs as Record<string, tf.Tensor>)
}
