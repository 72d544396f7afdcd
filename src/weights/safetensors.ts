import { type FileHandle, open, writeFile } from 'node:fs/promises'
import type { HostTensor, TensorSpec } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { floatsToHalves } from '../half.ts'
import { decode, elementBytes, type StoredType } from './element-types.ts'
import { type Entry, parseHeader } from './safetensors-header.ts'

/** Longest header accepted, as in the reference implementation. */
const MAX_HEADER = 100_000_000
/** Node reads less than 2 GiB at once. */
const LARGEST_READ = 2 ** 30

/** An open safetensors file: tensors are read one by one, by range. */
export interface SafetensorsFile {
  /** The `__metadata__` entry; empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>
  /** Type and shape of each tensor as stored. */
  readonly entries: ReadonlyMap<string, Entry>
  /** Where in the file the tensors begin, in bytes. */
  readonly start: number
  /** Reads one tensor, converted as {@link readSafetensors} says. @throws InputError for an unknown name */
  read(name: string): Promise<HostTensor>
  close(): Promise<void>
}

/**
 * Opens a safetensors file and checks its header: length, JSON, types, shapes, offsets that neither overlap
 * nor leave the file.
 *
 * @throws InputError naming the file, and the tensor where there is one to name
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`Cannot open the weights ${path} (${error.code}); check the path.`)
  })
  try {
    const { size } = await file.stat()
    const lengthBytes = await readRange(file, 0, Math.min(8, size))
    if (lengthBytes.byteLength < 8) throw new InputError(`${path} is shorter than a safetensors header.`)
    const length = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true))
    if (length > MAX_HEADER || 8 + length > size) {
      throw new InputError(
        `${path} is truncated or no safetensors file: its header would have ${length} bytes; get it again.`,
      )
    }
    const text = new TextDecoder().decode(await readRange(file, 8, length))
    const start = 8 + length
    const { metadata, entries } = parseHeader(path, text, size - start)
    return {
      metadata,
      entries,
      start,
      read: async (name) => {
        const entry = entries.get(name)
        if (entry === undefined) throw new InputError(`${path} has no tensor "${name}"; check the name.`)
        const bytes = await readRange(file, start + entry.begin, entry.end - entry.begin)
        return { shape: entry.shape, ...decode(entry.dtype, bytes) }
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Reads a whole safetensors file. F32, F16, BF16 and F64 become float32; I32, I64 and U8 become int32; BOOL
 * stays bool.
 *
 * @throws InputError naming the file, and the tensor where there is one to name
 */
export async function readSafetensors(
  path: string,
): Promise<{ tensors: Record<string, HostTensor>; metadata: Readonly<Record<string, string>> }> {
  const file = await openSafetensors(path)
  try {
    const tensors: Record<string, HostTensor> = {}
    for (const name of file.entries.keys()) tensors[name] = await file.read(name)
    return { tensors, metadata: file.metadata }
  } finally {
    await file.close()
  }
}

/** A tensor to be stored, whose values are asked for when its turn comes. */
export interface TensorToStore extends TensorSpec {
  readonly name: string
  values(): HostTensor['values']
}

/** How float32 is stored: as it is, or rounded to half precision. */
export type FloatStorage = 'F32' | 'F16'

/**
 * The pieces of a safetensors file, in order: the header, then each tensor's bytes (views, not copies, but for
 * half precision), in the order given. float32 is stored as `floats` says, int32 as I32, bool as BOOL. The
 * header is padded with spaces so that the data begin at a multiple of 8. No more than one tensor's values are
 * asked for at a time.
 */
export function* storeTensors(
  tensors: readonly TensorToStore[],
  metadata: Readonly<Record<string, string>> = {},
  floats: FloatStorage = 'F32',
): Generator<Uint8Array> {
  const stored: Record<HostTensor['dtype'], StoredType> = { float32: floats, int32: 'I32', bool: 'BOOL' }
  const bytesOf = ({ shape, dtype }: TensorToStore) => sizeOf(shape) * elementBytes(stored[dtype])
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata
  let offset = 0
  // Wider elements first keeps every tensor aligned; the sort is stable.
  const ordered = tensors.toSorted((a, b) => elementBytes(stored[b.dtype]) - elementBytes(stored[a.dtype]))
  for (const tensor of ordered) {
    const { name, shape, dtype } = tensor
    if (name === '__metadata__') {
      throw new InputError('A tensor cannot be stored under the name "__metadata__"; rename it.')
    }
    const end = offset + bytesOf(tensor)
    header[name] = { dtype: stored[dtype], shape, data_offsets: [offset, end] }
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.byteLength / 8) * 8
  const head = new Uint8Array(8 + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(json, 8)
  yield head
  for (const { name, shape, dtype, values: load } of ordered) {
    const values = load()
    if (sizeOf(shape) !== values.length) {
      throw new InputError(
        `The tensor "${name}" cannot be stored: ${values.length} values for the shape [${shape}]; check both.`,
      )
    }
    const kept = dtype === 'float32' && floats === 'F16' ? floatsToHalves(values) : values
    yield new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength)
  }
}

/** {@link storeTensors} of tensors in memory, in the order of the names given. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const toStore = Object.entries(tensors).map(([name, { values, ...spec }]) => ({
    name,
    ...spec,
    values: () => values,
  }))
  return [...storeTensors(toStore, metadata)]
}

/** Writes a safetensors file. Not atomic: a caller that needs that writes {@link encodeSafetensors} aside. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFile(path, encodeSafetensors(tensors, metadata))
}

async function readRange(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const part = Math.min(length - read, LARGEST_READ)
    const { bytesRead } = await file.read(bytes, read, part, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes
}
