/** Normalisation with given statistics. */

import { binary, scalar, unary } from '../../graph/emit.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'

export const normalizations: Lowerings = {
  FusedBatchNorm: ({ inputs, attributes }: KernelCall<tfjs.FusedBatchNormAttrs>) => {
    const { x, mean, variance, scale, offset } = inputs
    const deviation = unary('Sqrt', binary('Add', variance, scalar(attributes.varianceEpsilon)))
    const inverse = unary('Reciprocal', deviation)
    const factor = scale === undefined ? inverse : binary('Mul', scale, inverse)
    const normal = binary('Mul', binary('Sub', x, mean), factor)
    return offset === undefined ? normal : binary('Add', normal, offset)
  },
}
