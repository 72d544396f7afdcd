import * as zarr from 'zarrita'
import { InputError } from '../../errors.ts'
import { halfToNumber, numberToHalf } from '../../half.ts'
import type { ZarrStore } from './store.ts'

/** The numbers of an array in C order; booleans as bytes of 0 and 1, half precision widened to float32. */
export type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

/** One zarr array in memory. */
export interface ZarrArray {
  readonly shape: readonly number[]
  readonly values: Numbers
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * Reads a whole zarr v2 array: every codec of `zarrita`, either byte order, C or Fortran order, missing chunks
 * as the fill value.
 *
 * @param key such as `/data/action`
 * @throws InputError naming the array, if it is absent, damaged, or not of numbers
 */
export async function readArray(store: ZarrStore, key: string): Promise<ZarrArray> {
  const where = `${key.slice(1)} in ${store.path}`
  const document = await store.get(`${key}/.zarray`)
  if (!document) throw new InputError(`There is no array ${where}; check the path and the name.`)
  try {
    const half = halfPrecision(document)
    const plainBytes = bytesOfPlainChunk(document)
    const source: Readable = {
      async get(name) {
        if (half && name === `${key}/.zarray`) return half
        const bytes = await store.get(name)
        // zarrita would take what is missing of a chunk for zeros.
        const isChunk = /\/[\d./]+$/.test(name)
        if (bytes && isChunk && plainBytes !== undefined && bytes.length !== plainBytes) {
          throw new Error(`chunk ${name.slice(key.length + 1)} has ${bytes.length} of ${plainBytes} bytes`)
        }
        return bytes
      },
    }
    const array = await zarr.open.v2(zarr.root(source).resolve(key), { kind: 'array' })
    // zarrita reads no arrays of nothing.
    if (array.shape.includes(0)) {
      return { shape: array.shape, values: new Float32Array(0), attributes: array.attrs }
    }
    const chunk = await zarr.get(array)
    const values = numbers(chunk.data)
    if (!values) throw new InputError(`The array ${where} holds ${array.dtype}; only numbers can be read.`)
    const ordered = rowMajor(values, chunk.shape, chunk.stride)
    return {
      shape: chunk.shape,
      values: half ? Float32Array.from(ordered as Uint16Array, halfToNumber) : ordered,
      attributes: array.attrs,
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InputError(`The array ${where} cannot be read (${reason}); copy or make it again.`, { cause })
  }
}

interface Readable {
  get(key: string): Promise<Uint8Array | undefined>
}

/** Bytes of a chunk that is neither compressed nor filtered; nothing for others, whose codecs notice what is missing. */
function bytesOfPlainChunk(document: Uint8Array): number | undefined {
  const { chunks, dtype, compressor, filters } = JSON.parse(new TextDecoder().decode(document))
  const size = /^[<>|][a-z](\d+)$/.exec(dtype)?.[1]
  if (compressor || filters?.length > 0 || size === undefined) return undefined
  return chunks.reduce((product: number, n: number) => product * n, Number(size))
}

/**
 * `zarrita` reads half precision only where JavaScript has a `Float16Array`. For such an array this gives its
 * metadata rewritten so that the same chunks are read as 16-bit words; for others nothing.
 */
function halfPrecision(document: Uint8Array): Uint8Array | undefined {
  const metadata = JSON.parse(new TextDecoder().decode(document))
  if (metadata.dtype !== '<f2' && metadata.dtype !== '>f2') return undefined
  const fill = metadata.fill_value ?? 0
  const rewritten = {
    ...metadata,
    dtype: `${metadata.dtype[0]}u2`,
    fill_value: numberToHalf(typeof fill === 'string' ? Number(fill) : fill),
  }
  return new TextEncoder().encode(JSON.stringify(rewritten))
}

function numbers(data: unknown): Numbers | undefined {
  if (data instanceof zarr.BoolArray) return Uint8Array.from(data, Number)
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return data as Numbers
  return undefined
}

/** Copies into C order where the strides (in elements) say that it is another one. */
function rowMajor(values: Numbers, shape: readonly number[], strides: readonly number[]): Numbers {
  const expected = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1))
  if (expected.every((stride, i) => stride === strides[i] || shape[i] === 1)) return values
  const out = values.slice() as Numbers
  const index = shape.map(() => 0)
  for (let i = 0; i < out.length; i++) {
    out[i] = values[index.reduce((sum, n, d) => sum + n * strides[d], 0)]
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0
  }
  return out
}
