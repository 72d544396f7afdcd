import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FIXTURES = new URL('../fixtures/', import.meta.url)

/** Absolute path of a fixture. */
export const fixturePath = (name: string): string => fileURLToPath(new URL(name, FIXTURES))

/** A fixture's JSON. */
export const fixtureJson = (name: string) => JSON.parse(readFileSync(fixturePath(name), 'utf8'))

/** One tensor of a fixture. */
export interface FixtureTensor {
  shape: number[]
  bytes: Uint8Array
  /** The values as numbers. */
  values: number[]
}

const READERS: Record<string, (view: DataView, at: number) => number> = {
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  U8: (view, at) => view.getUint8(at),
}
const SIZE: Record<string, number> = { F32: 4, F64: 8, I64: 8, I32: 4, U8: 1 }

/** All tensors of a safetensors fixture, read independently of the framework's own reader. */
export function fixtureTensors(name: string): Record<string, FixtureTensor> {
  const file = readFileSync(fixturePath(name))
  const headerLength = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength))
  const tensors: Record<string, FixtureTensor> = {}
  for (const [key, entry] of Object.entries<{ dtype: string; shape: number[]; data_offsets: number[] }>(
    header,
  )) {
    if (key === '__metadata__') continue
    const [start, end] = entry.data_offsets
    const bytes = Uint8Array.from(file.subarray(8 + headerLength + start, 8 + headerLength + end))
    const view = new DataView(bytes.buffer)
    const size = SIZE[entry.dtype]
    const values = Array.from({ length: bytes.length / size }, (_, i) => READERS[entry.dtype](view, i * size))
    tensors[key] = { shape: entry.shape, bytes, values }
  }
  return tensors
}
