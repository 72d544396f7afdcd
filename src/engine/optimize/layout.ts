/** Reshapes and transposes that meet. */

import { emit, gemm, reshape, sameShape, transpose } from '../graph/emit.ts'
import { constantIntegers, producer, uniformNumber } from '../graph/value.ts'
import type { Rule } from './rule.ts'

/** A Reshape of a Reshape; one that changes nothing. */
export const reshapes: Rule = ({ op, inputs, output }) => {
  if (op !== 'Reshape' || inputs[0] === null) return undefined
  const x = inputs[0]
  if (sameShape(x.shape, output.shape)) return x
  const inner = producer(x, 'Reshape')?.inputs[0]
  return inner ? reshape(inner, output.shape) : undefined
}

/** A Transpose of a Transpose; one that moves only dimensions of 1, which is a Reshape. */
export const transposes: Rule = ({ op, inputs, attributes, output }) => {
  if (op !== 'Transpose' || inputs[0] === null) return undefined
  const x = inputs[0]
  const permutation = attributes.perm as readonly number[]
  const moved = permutation.filter((axis) => x.shape[axis] !== 1)
  if (moved.every((axis, i) => i === 0 || moved[i - 1] < axis)) return reshape(x, output.shape)
  const inner = producer(x, 'Transpose')
  if (inner === undefined || inner.inputs[0] === null) return undefined
  const before = inner.attributes.perm as readonly number[]
  return transpose(
    inner.inputs[0],
    permutation.map((axis) => before[axis]),
  )
}

/** A reduction over dimensions of 1 only. */
export const emptyReductions: Rule = ({ op, inputs, output }) => {
  if (!/^Reduce(Sum|Mean|Max|Min|Prod)$/.test(op) || inputs[0] === null) return undefined
  const x = inputs[0]
  const axes = constantIntegers(inputs[1] ?? null)
  return axes?.every((axis) => x.shape[axis] === 1) ? reshape(x, output.shape) : undefined
}

/** Gemm transposes its operands at no cost. */
export const gemmTransposes: Rule = ({ op, inputs, attributes }) => {
  if (op !== 'Gemm') return undefined
  const [a, b, c] = inputs
  if (a === null || b === null || c) return undefined
  const innerA = producer(a, 'Transpose')?.inputs[0]
  const innerB = producer(b, 'Transpose')?.inputs[0]
  if (!innerA && !innerB) return undefined
  return gemm(
    innerA ?? a,
    innerB ?? b,
    (attributes.transA === 1) !== Boolean(innerA),
    (attributes.transB === 1) !== Boolean(innerB),
  )
}

/** A product of matrices plus a row is one Gemm; a Reshape that keeps the last dimension may lie between. */
export const gemmBias: Rule = ({ op, inputs, output, uses }) => {
  if (op !== 'Add') return undefined
  for (const [product, bias] of [inputs, [inputs[1], inputs[0]]]) {
    if (!product || !bias || uses(product) > 1 || uniformNumber(bias) !== undefined) continue
    const shaped = producer(product, 'Reshape')?.inputs[0]
    const result = shaped ?? product
    if (shaped && uses(shaped) > 1) continue
    const node = producer(result, 'Gemm')
    if (node === undefined || node.inputs.length > 2) continue
    const columns = result.shape[1]
    const rank = bias.shape.length
    const isRow =
      rank > 0 && bias.shape[rank - 1] === columns && bias.shape.slice(0, -1).every((n) => n === 1)
    if (!isRow || output.shape[output.shape.length - 1] !== columns) continue
    const biased = emit(
      'Gemm',
      [...node.inputs, reshape(bias, [columns])],
      node.attributes,
      result.shape,
      'float32',
    )
    return reshape(biased, output.shape)
  }
  return undefined
}

/** A convolution plus a number for each filter is one Conv; the Transpose to channels last may lie between. */
export const convBias: Rule = ({ op, inputs, uses }) => {
  if (op !== 'Add') return undefined
  for (const [product, bias] of [inputs, [inputs[1], inputs[0]]]) {
    if (!product || !bias || uses(product) > 1 || bias.source.kind === 'constant') continue
    const turned = producer(product, 'Transpose')
    const result = turned?.inputs[0]
    if (!turned || !result || uses(result) > 1) continue
    const node = producer(result, 'Conv')
    if (node === undefined || node.inputs.length > 2) continue
    const permutation = turned.attributes.perm as readonly number[]
    const filters = result.shape[1]
    const isRow = bias.shape.at(-1) === filters && bias.shape.slice(0, -1).every((n) => n === 1)
    if (!isRow || bias.shape.length > product.shape.length || permutation.at(-1) !== 1) continue
    const biased = emit(
      'Conv',
      [...node.inputs, reshape(bias, [filters])],
      node.attributes,
      result.shape,
      'float32',
    )
    return transpose(biased, permutation)
  }
  return undefined
}
