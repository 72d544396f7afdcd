/** Matrix products, and kernels that end in an activation. */

import { binary, broadcastShape, cast, emit, gemm, matmul, reshape, transpose } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import { sizeOf } from '../../tensor.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'
import { activation } from './elementwise.ts'

type Call<A = unknown> = KernelCall<A>

/** The transpose of the last two dimensions. */
function matrixTranspose(x: Value): Value {
  const rank = x.shape.length
  const permutation = x.shape.map((_, i) => i)
  permutation[rank - 1] = rank - 2
  permutation[rank - 2] = rank - 1
  return transpose(x, permutation)
}

/**
 * a·b over stacks of matrices. A single matrix on the right makes one tall product of it; Gemm transposes
 * on the fly, and of the batched ones the runtime fuses the transposes.
 */
export function multiply(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const [rowsA, columnsA] = a.shape.slice(-2)
  const rows = transposeA ? columnsA : rowsA
  const [rowsB, columnsB] = b.shape.slice(-2)
  const columns = transposeB ? rowsB : columnsB
  const shape = [...batch, rows, columns]
  const count = sizeOf(batch)
  if (a.dtype === 'float32' && sizeOf(b.shape.slice(0, -2)) === 1 && (count === 1 || !transposeA)) {
    const tall = reshape(a, transposeA ? [rowsA, columnsA] : [count * rowsA, columnsA])
    return reshape(gemm(tall, reshape(b, [rowsB, columnsB]), transposeA, transposeB), shape)
  }
  return matmul(transposeA ? matrixTranspose(a) : a, transposeB ? matrixTranspose(b) : b)
}

export const matmuls: Lowerings = {
  BatchMatMul: ({ inputs: { a, b }, attributes }: Call<tfjs.BatchMatMulAttrs>) =>
    multiply(a, b, attributes.transposeA, attributes.transposeB),
  _FusedMatMul: ({ inputs, attributes }: Call<tfjs._FusedMatMulAttrs>) => {
    const { a, b, bias, preluActivationWeights } = inputs
    const product = multiply(a, b, attributes.transposeA, attributes.transposeB)
    const biased = bias === undefined ? product : binary('Add', product, bias)
    return activation(attributes.activation, biased, preluActivationWeights, attributes.leakyreluAlpha)
  },
  Einsum: ({ inputs, attributes }: Call<tfjs.EinsumAttrs>) =>
    einsum(attributes.equation, Object.values(inputs)),
}

function einsum(equation: string, operands: readonly Value[]): Value {
  const compact = equation.replaceAll(/\s/g, '')
  const [left, right] = compact.split('->')
  const sizes = new Map<string, number>()
  for (const [i, labels] of left.split(',').entries()) {
    for (const [j, label] of [...labels].entries()) sizes.set(label, operands[i].shape[j])
  }
  const shape = [...right].map((label) => sizes.get(label) ?? 1)
  const floats = operands.map((value) => cast(value, 'float32'))
  return emit('Einsum', floats, { equation: compact }, shape, 'float32')
}
