import { readdirSync, readFileSync } from 'node:fs'

const root = new URL('../fixtures/', import.meta.url)

/** The cases of a topic, by file name. */
export function cases(topic: string): string[] {
  return readdirSync(new URL(`${topic}/`, root))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
}

/** The JSON part of a fixture. */
export function description(topic: string, name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${topic}/${name}.json`, root), 'utf8'))
}

/** Reads a fixture's safetensors file into plain numbers. */
export function tensors(topic: string, name: string): Record<string, Float64Array> {
  const bytes = readFileSync(new URL(`${topic}/${name}.safetensors`, root))
  const length = Number(bytes.readBigUInt64LE(0))
  const header: Record<string, { dtype: string; data_offsets: [number, number] }> = JSON.parse(
    bytes.subarray(8, 8 + length).toString(),
  )
  const result: Record<string, Float64Array> = {}
  for (const [key, { dtype, data_offsets: offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue
    const part = Uint8Array.from(bytes.subarray(8 + length + offsets[0], 8 + length + offsets[1])).buffer
    const read: Record<string, () => ArrayLike<number>> = {
      F32: () => new Float32Array(part),
      F64: () => new Float64Array(part),
      I32: () => new Int32Array(part),
      I64: () => Array.from(new BigInt64Array(part), Number),
    }
    result[key] = Float64Array.from(read[dtype]())
  }
  return result
}

/** max|a − b| / max(least, max|b|). */
export function deviation(a: ArrayLike<number>, b: ArrayLike<number>, least = 1): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let size = least
  for (let i = 0; i < b.length; i++) {
    const apart = Math.abs(a[i] - b[i])
    if (!(apart <= difference)) difference = apart
    size = Math.max(size, Math.abs(b[i]))
  }
  return difference / size
}
