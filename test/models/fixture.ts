import { readFile } from 'node:fs/promises'
import type { ExecutionContext } from 'ava'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { readSafetensors } from '../../src/weights/safetensors.ts'

/** What the parity suites read of a case's JSON. */
export interface FixtureCase {
  readonly config: Record<string, never>
  readonly state_file: string
  readonly tensor_file: string
  readonly gradients: {
    readonly none: string[]
    readonly strided: Record<string, number>
    readonly stats: Record<string, { max_abs: number }>
    readonly max_abs_over_all: number
  }
  readonly tolerance: Record<string, { relmax: number; abs?: number; rel: number }>
}

/** Reads a JSON file of test/fixtures. */
export async function readCase<T = FixtureCase>(topic: string, name: string): Promise<T> {
  return JSON.parse(await readFile(fixturePath(topic, `${name}.json`), 'utf8'))
}

/** Reads a safetensors file of test/fixtures. */
export async function readTensors(topic: string, file: string): Promise<Record<string, HostTensor>> {
  return (await readSafetensors(fixturePath(topic, file))).tensors
}

/** A file of test/fixtures. */
export function fixturePath(topic: string, file: string): string {
  return new URL(`../fixtures/${topic}/${file}`, import.meta.url).pathname
}

/** A float32 tensor on the host. */
export function host(shape: number[], values: Float32Array | Int32Array | Uint8Array | number[]): HostTensor {
  return { shape, dtype: 'float32', values: Float32Array.from(values) }
}

/** Passes if max|a − reference| ≤ relmax · max|reference| + abs. */
export function close(
  t: ExecutionContext,
  actual: ArrayLike<number>,
  reference: ArrayLike<number>,
  { relmax = 0, abs = 0 }: { relmax?: number; abs?: number },
  what: string,
): void {
  t.is(actual.length, reference.length, `${what}: length`)
  let error = 0
  let largest = 0
  for (let i = 0; i < reference.length; i++) {
    const difference = Math.abs(actual[i] - reference[i])
    error = Number.isNaN(difference) ? Infinity : Math.max(error, difference)
    largest = Math.max(largest, Math.abs(reference[i]))
  }
  const allowed = relmax * largest + abs
  t.true(error <= allowed, `${what}: off by ${error}, allowed ${allowed}`)
}
