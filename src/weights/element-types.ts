import type { HostTensor } from '../engine/tensor.ts'
import { halvesToFloats } from '../half.ts'

/** Element types of safetensors that are read here. */
export type StoredType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8' | 'BOOL'

const BYTES: Record<StoredType, number> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  U8: 1,
  BOOL: 1,
}

/** Whether `name` is an element type that {@link decode} reads. */
export function isStoredType(name: unknown): name is StoredType {
  return typeof name === 'string' && Object.hasOwn(BYTES, name)
}

/** Bytes of one element. */
export function elementBytes(type: StoredType): number {
  return BYTES[type]
}

/** Converts little-endian bytes (which begin their buffer) to a type that the engine knows; views where it can. */
export function decode(type: StoredType, bytes: Uint8Array): Pick<HostTensor, 'dtype' | 'values'> {
  const { buffer } = bytes
  switch (type) {
    case 'F32':
      return { dtype: 'float32', values: new Float32Array(buffer) }
    case 'F64':
      return { dtype: 'float32', values: Float32Array.from(new Float64Array(buffer)) }
    case 'F16':
      return { dtype: 'float32', values: halvesToFloats(new Uint16Array(buffer)) }
    case 'BF16': {
      // A bfloat16 is the upper half of a float32.
      const wide = Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16)
      return { dtype: 'float32', values: new Float32Array(wide.buffer) }
    }
    case 'I32':
      return { dtype: 'int32', values: new Int32Array(buffer) }
    case 'I64':
      return { dtype: 'int32', values: Int32Array.from(new BigInt64Array(buffer), Number) }
    case 'U8':
      return { dtype: 'int32', values: Int32Array.from(bytes) }
    case 'BOOL':
      return { dtype: 'bool', values: bytes }
  }
}
