import type { Value } from '../graph/value.ts'
import { sizeOf } from '../tensor.ts'

/** Elements up to which an operation costs its start rather than their number. */
const FEW = 1 << 13

/** Whether a tensor has so few elements that fewer operations pay, whatever each does. */
export function isFew({ shape }: Pick<Value, 'shape'>): boolean {
  return sizeOf(shape) <= FEW
}
