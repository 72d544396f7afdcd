import Blosc from 'numcodecs/blosc'

/** Files of a zarr hierarchy in the order in which they shall be written, by keys such as `data/action/0.0`. */
export type ZarrFiles = Map<string, Uint8Array>

/** What {@link addArray} can write. */
export type Writable = Float32Array | Int32Array | BigInt64Array | Uint8Array

/** Bytes of a chunk before compression, at most (diffusion_policy's choice). */
const CHUNK_BYTES = 2e6

/** diffusion_policy's compressor `disk`: zstd, level 5, bit shuffle. */
const COMPRESSOR = { id: 'blosc', cname: 'zstd', clevel: 5, shuffle: 2, blocksize: 0 }

/** Adds a zarr v2 group. */
export function addGroup(
  files: ZarrFiles,
  key: string,
  attributes?: Readonly<Record<string, unknown>>,
): void {
  const prefix = key === '' ? '' : `${key}/`
  files.set(`${prefix}.zgroup`, json({ zarr_format: 2 }))
  if (attributes && Object.keys(attributes).length > 0) files.set(`${prefix}.zattrs`, json(attributes))
}

/**
 * Adds a zarr v2 array, cut into chunks along its first dimension.
 *
 * @param values in C order; bytes are written as booleans
 * @param compress false for small arrays of `meta`, which diffusion_policy stores raw
 */
export async function addArray(
  files: ZarrFiles,
  key: string,
  values: Writable,
  shape: readonly number[],
  compress: boolean,
): Promise<void> {
  const rowLength = shape.slice(1).reduce((product, n) => product * n, 1)
  const rowBytes = rowLength * values.BYTES_PER_ELEMENT
  const rowsPerChunk = Math.max(1, Math.min(shape[0], Math.floor(CHUNK_BYTES / Math.max(1, rowBytes))))
  const chunks = [rowsPerChunk, ...shape.slice(1).map((n) => Math.max(1, n))]
  files.set(
    `${key}/.zarray`,
    json({
      chunks,
      compressor: compress ? COMPRESSOR : null,
      dtype: dtype(values),
      fill_value: values instanceof Uint8Array ? false : 0,
      filters: null,
      order: 'C',
      shape,
      zarr_format: 2,
    }),
  )
  const codec = compress ? Blosc.fromConfig(COMPRESSOR) : undefined
  const tail = shape
    .slice(1)
    .map(() => '.0')
    .join('')
  for (let first = 0, chunk = 0; first < shape[0] && rowLength > 0; first += rowsPerChunk, chunk++) {
    // Every chunk has the full size; the last one is padded with the fill value.
    const bytes = new Uint8Array(rowsPerChunk * rowBytes)
    const part = values.subarray(first * rowLength, (first + rowsPerChunk) * rowLength)
    bytes.set(littleEndian(part))
    files.set(`${key}/${chunk}${tail}`, codec ? await codec.encode(bytes) : bytes)
  }
}

function dtype(values: Writable): string {
  if (values instanceof Float32Array) return '<f4'
  if (values instanceof Int32Array) return '<i4'
  if (values instanceof BigInt64Array) return '<i8'
  return '|b1'
}

function littleEndian(values: Writable): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes
  const width = values.BYTES_PER_ELEMENT
  return bytes.map((_, i) => bytes[i - (i % width) + (width - 1 - (i % width))])
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 4)}\n`)
}
