/** Tensors made from attributes alone. */
import { arrayOf, uniform } from '../../graph/emit.ts'
import type { ElementType, Value } from '../../graph/value.ts'
import { constantValue } from '../../graph/value.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'

type Call<A> = KernelCall<A>

function sequence(length: number, element: (i: number) => number, dtype: ElementType): Value {
  const values = Array.from({ length }, (_, i) => element(i))
  return constantValue(arrayOf(dtype, values), { shape: [length], dtype }, false)
}

export const creation: Lowerings = {
  Fill: ({ attributes: { shape, value, dtype } }: Call<tfjs.FillAttrs>) => {
    if (typeof value !== 'number') throw new Error('Only numbers can fill a tensor of a compiled function.')
    return uniform(value, shape, dtype === 'int32' || dtype === 'bool' ? dtype : 'float32')
  },
  Range: ({ attributes: { start, stop, step, dtype } }: Call<tfjs.RangeAttrs>) => {
    const signed = step === 1 && stop < start ? -1 : step
    const length = Math.max(0, Math.ceil((stop - start) / signed))
    return sequence(length, (i) => start + i * signed, dtype)
  },
  LinSpace: ({ attributes: { start, stop, num } }: Call<tfjs.LinSpaceAttrs>) => {
    const step = num > 1 ? (stop - start) / (num - 1) : 0
    return sequence(num, (i) => start + i * step, 'float32')
  },
}
