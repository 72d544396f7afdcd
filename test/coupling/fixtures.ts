import { readFileSync } from 'node:fs'
import { type Rows, rows } from '../../src/rows.ts'

/** One problem of a fixture, as its JSON describes it. */
export interface Problem {
  readonly total?: number
  readonly unique?: boolean
}

interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array | Float64Array | Int32Array
}

const ARRAYS = {
  F32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  F64: (bytes: ArrayBuffer) => new Float64Array(bytes),
  I32: (bytes: ArrayBuffer) => new Int32Array(bytes),
  I64: (bytes: ArrayBuffer) => Int32Array.from(new BigInt64Array(bytes), Number),
}

/** Reads a case of assignment problems; unlike the framework's reader it keeps float64, as optima need. */
export function fixture(name: string) {
  const url = new URL(`../fixtures/assignment/${name}`, import.meta.url)
  const { problems } = JSON.parse(readFileSync(`${url.pathname}.json`, 'utf8')) as {
    problems: Record<string, Problem>
  }
  const file = readFileSync(`${url.pathname}.safetensors`)
  const length = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: keyof typeof ARRAYS; shape: number[]; data_offsets: [number, number] }
  >
  const tensor = (key: string): Tensor => {
    const { dtype, shape, data_offsets } = header[key]
    const [begin, end] = data_offsets.map((offset) => 8 + length + offset)
    const bytes = new Uint8Array(end - begin)
    bytes.set(file.subarray(begin, end))
    return { shape, values: ARRAYS[dtype](bytes.buffer) }
  }
  /** The tensor as rows along its first axis. */
  const matrix = (key: string): Rows => {
    const { shape, values } = tensor(key)
    return rows(Float32Array.from(values), shape[0], values.length / shape[0])
  }
  return { problems, tensor, matrix }
}
