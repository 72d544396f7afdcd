import type { Rng } from '../../random/rng.ts'
import { type ImageSet, imageSize } from './image-set.ts'

/** How pixels become numbers to diffuse. */
export interface ImageRowsOptions {
  /** Mirrors each image left to right half of the time it is served; default false. */
  readonly flip?: boolean
  /** Numbers go from −scale to scale ("image scaling" of arXiv 2505.18521); default 1. */
  readonly scale?: number
}

/** Images as rows of numbers, fetched when a batch needs them. */
export interface ImageRows {
  readonly rows: number
  readonly columns: number
  gather(indices: ArrayLike<number>, out: Float32Array, rng: Rng): void
}

/** Pixels 0 … 255 as numbers −scale … scale, [count, height · width · colors]. */
export function imageRows(images: ImageSet, { flip = false, scale = 1 }: ImageRowsOptions = {}): ImageRows {
  const { pixels, width, colors, count } = images
  const columns = imageSize(images)
  const line = width * colors
  const number = Float32Array.from({ length: 256 }, (_, pixel) => scale * (pixel / 127.5 - 1))
  return {
    rows: count,
    columns,
    gather(indices, out, rng) {
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i] * columns
        const to = i * columns
        if (!flip || rng.uniform() < 0.5) {
          for (let j = 0; j < columns; j++) out[to + j] = number[pixels[from + j]]
          continue
        }
        for (let j = 0; j < columns; j++) {
          const within = j % line
          const mirrored = line - colors - (within - (within % colors)) + (within % colors)
          out[to + j] = number[pixels[from + j - within + mirrored]]
        }
      }
    },
  }
}

/** The pixels of such numbers; what lies outside −scale … scale is cut off. */
export function pixelsOf(values: ArrayLike<number>, scale = 1): Uint8Array {
  return Uint8Array.from(values, (value) =>
    Math.round(127.5 * (Math.min(1, Math.max(-1, value / scale)) + 1)),
  )
}
