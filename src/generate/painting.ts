import { imageRows } from '../data/images/image-rows.ts'
import { inpaint, noiseFrom, type Process, type Project } from '../diffusion/index.ts'
import type { Rng } from '../random/rng.ts'
import { rows } from '../rows.ts'
import type { ImageShape } from './parts.ts'

/** A mask of at least this brightness is painted over. */
const WHITE = 128

/** What to keep of an image. */
export interface PaintingOptions {
  /** The image, [height · width · colors], 0 … 255. */
  readonly known: Uint8Array
  /** White where the image is made anew, [height · width]: the middle for in-painting, the rim for out-painting. */
  readonly free: Uint8Array
  readonly shape: ImageShape
  readonly process: Process
  /** What training multiplied the data by. */
  readonly scale: number
}

/**
 * In- and out-painting with a generator that was never trained for it: after every step the kept pixels are noised
 * afresh to the present level (RePaint, arXiv 2201.09865), with noise of each image's own stream.
 */
export function painting({
  known,
  free,
  shape,
  process,
  scale,
}: PaintingOptions): (streams: readonly Rng[]) => Project {
  const { height, width, colors } = shape
  const source = imageRows(
    { ...shape, name: 'known', count: 1, height, width, colors, pixels: known, skipped: [] },
    { scale },
  )
  const values = new Float32Array(source.columns)
  // Nothing is drawn without flips.
  source.gather([0], values, undefined as never)
  const mask = Uint8Array.from(values, (_, i) => (free[Math.floor(i / colors)] >= WHITE ? 0 : 1))
  return (streams) => {
    const own = streams.map((stream) => stream.fork('painting'))
    return inpaint({
      mask,
      values: rows(values, 1, values.length),
      process,
      noise: noiseFrom({ streams: own }),
    })
  }
}
