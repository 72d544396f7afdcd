import { sizeOf } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { elementBytes, isStoredType, type StoredType } from './element-types.ts'

/** Where and how one tensor is stored; offsets count from the end of the header. */
export interface Entry {
  readonly dtype: StoredType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/**
 * Parses and checks the JSON header of a safetensors file.
 *
 * @param path for messages
 * @param available bytes after the header
 * @throws InputError naming the file, and the tensor where there is one to name
 */
export function parseHeader(
  path: string,
  text: string,
  available: number,
): { metadata: Record<string, string>; entries: Map<string, Entry> } {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    throw new InputError(`${path} has a header that is not JSON; it is damaged or no safetensors file.`)
  }
  if (!isRecord(header)) throw new InputError(`${path} has a header that is not a JSON object.`)
  const { __metadata__: metadata = {}, ...tensors } = header
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new InputError(`${path}: "__metadata__" is not an object of strings; write the file again.`)
  }
  const entries = new Map(
    Object.entries(tensors).map(([name, value]) => [name, parseEntry(path, name, value)]),
  )
  checkOffsets(path, entries, available)
  return { metadata: metadata as Record<string, string>, entries }
}

function parseEntry(path: string, name: string, value: unknown): Entry {
  const fail = (what: string): never => {
    throw new InputError(`${path}: tensor "${name}" ${what}; the file is damaged or of an unknown kind.`)
  }
  if (!isRecord(value)) return fail('is not described by an object')
  const { dtype, shape, data_offsets: offsets } = value
  if (!isStoredType(dtype)) return fail(`has the type ${JSON.stringify(dtype)}, which cannot be read`)
  if (!isSizes(shape)) return fail(`has the shape ${JSON.stringify(shape)}`)
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) {
    return fail(`has the offsets ${JSON.stringify(offsets)}`)
  }
  const [begin, end] = offsets
  const expected = sizeOf(shape) * elementBytes(dtype)
  if (end - begin !== expected) return fail(`has ${end - begin} bytes where its shape needs ${expected}`)
  return { dtype, shape, begin, end }
}

function checkOffsets(path: string, entries: Map<string, Entry>, available: number): void {
  let previous = { name: '', end: 0 }
  for (const [name, { begin, end }] of [...entries].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (end > available) {
      throw new InputError(
        `${path} is truncated: tensor "${name}" ends at byte ${end} of ${available}; get the file again.`,
      )
    }
    if (begin < previous.end) {
      throw new InputError(`${path}: tensors "${previous.name}" and "${name}" overlap; the file is damaged.`)
    }
    previous = { name, end }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}
