import { closeSync, openSync, readSync } from 'node:fs'
import { writeFileAtomic } from '../atomic.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostTensor } from '../engine/tensor.ts'
import { FailureError } from '../errors.ts'
import { floatsToHalves, halvesToFloats } from '../half.ts'
import type { AutoencoderKl } from '../models/autoencoder-kl.ts'
import type { HostParameters } from '../models/network.ts'
import type { Rng } from '../random/rng.ts'
import { openSafetensors, storeTensors } from '../weights/safetensors.ts'
import { compileEncoder } from './compile-encoder.ts'

/** Images to encode, in batches: row i of `read(first, count)` is image first + i, numbers in [−1, 1]. */
export interface ImagesToEncode {
  readonly count: number
  readonly height: number
  readonly width: number
  read(first: number, count: number): Float32Array
}

/** Latents in a file: a row of means, then a row of deviations, for each image, in half precision. */
const TENSOR = 'posteriors'

/**
 * Encodes images by a frozen autoencoder and keeps their posteriors on the disk, written row after row.
 *
 * @param key what the latents depend on; kept in the file, see {@link cacheKey}
 */
export async function writeLatents(
  path: string,
  {
    engine,
    vae,
    weights,
    images,
    batch,
    key,
    onProgress,
  }: {
    readonly engine: Engine
    readonly vae: AutoencoderKl
    readonly weights: HostParameters
    readonly images: ImagesToEncode
    /** Images encoded at once. */
    readonly batch: number
    readonly key: string
    readonly onProgress?: (done: number) => void
  },
): Promise<void> {
  const { count, height, width } = images
  const columns = (height / vae.factor) * (width / vae.factor) * vae.latents
  const shape = [batch, height, width, vae.channels]
  const compiled = await compileEncoder(engine, vae, shape)
  const size = height * width * vae.channels
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const spec = {
      name: TENSOR,
      shape: [count, 2, columns],
      dtype: 'float32',
      values: () => new Float32Array(),
    } as const
    yield storeTensors([spec], { key }, 'F16').next().value as Uint8Array
    for (let first = 0; first < count; first += batch) {
      const taken = Math.min(batch, count - first)
      const values = new Float32Array(batch * size)
      values.set(images.read(first, taken))
      const outputs = await compiled.run({ parameters: weights, images: { shape, dtype: 'float32', values } })
      const mean = (outputs.mean as HostTensor).values
      const logVariance = (outputs.logVariance as HostTensor).values
      const rows = new Float32Array(taken * 2 * columns)
      for (let i = 0; i < taken; i++) {
        rows.set(mean.subarray(i * columns, (i + 1) * columns), 2 * i * columns)
        for (let j = 0; j < columns; j++) {
          rows[(2 * i + 1) * columns + j] = Math.exp(0.5 * logVariance[i * columns + j])
        }
      }
      yield new Uint8Array(floatsToHalves(rows).buffer)
      onProgress?.(first + taken)
    }
  }
  try {
    await writeFileAtomic(path, pieces())
  } finally {
    await compiled.dispose()
  }
}

/** The key of a file of latents; undefined where there is none, or a damaged one. */
export async function cacheKey(path: string): Promise<string | undefined> {
  try {
    const file = await openSafetensors(path)
    await file.close()
    return file.metadata.key
  } catch {
    return undefined
  }
}

/** Rows of latents as the denoiser sees them. */
export interface CachedLatents {
  readonly rows: number
  readonly columns: number
  gather(indices: ArrayLike<number>, out: Float32Array, rng: Rng): void
  close(): void
}

/**
 * Opens a file of latents, which are read when a batch needs them: (z − shift) · scale, with z drawn from the
 * posterior, or its mean.
 *
 * @throws InputError for a file that is damaged
 */
export async function openLatents(
  path: string,
  { shift, scale }: Pick<AutoencoderKl, 'shift' | 'scale'>,
  sample: boolean,
): Promise<CachedLatents> {
  const file = await openSafetensors(path)
  const { shape } = file.entries.get(TENSOR) ?? { shape: [0, 2, 0] }
  const start = file.start + (file.entries.get(TENSOR)?.begin ?? 0)
  await file.close()
  const [rows, , columns] = shape
  const descriptor = openSync(path, 'r')
  const bytes = Buffer.alloc(columns * 2 * 2)
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, columns * 2)
  const drawn = new Float32Array(columns)
  return {
    rows,
    columns,
    gather(indices, out, rng) {
      for (let i = 0; i < indices.length; i++) {
        const read = readSync(descriptor, bytes, 0, bytes.length, start + indices[i] * bytes.length)
        if (read !== bytes.length)
          throw new FailureError(`${path} ended while it was read; delete it and resume.`)
        const posterior = halvesToFloats(halves)
        if (sample) rng.fillNormal(drawn)
        for (let j = 0; j < columns; j++) {
          out[i * columns + j] = (posterior[j] + posterior[columns + j] * drawn[j] - shift) * scale
        }
      }
    },
    close: () => closeSync(descriptor),
  }
}
