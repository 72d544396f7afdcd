import { imageRows } from '../../data/images/image-rows.ts'
import type { ImageSet } from '../../data/images/image-set.ts'
import { InputError } from '../../errors.ts'
import type { ImagesToEncode } from '../../pipeline/latent-cache.ts'
import { Rng } from '../../random/rng.ts'
import type { RowSource } from '../task.ts'

/** Images as numbers in [−1, 1] with as many channels as the autoencoder has. @throws InputError where they differ otherwise */
export function channelRows(images: ImageSet, channels: number): RowSource {
  const source = imageRows(images)
  if (images.colors === channels) return source
  if (images.colors !== 1) {
    throw new InputError(
      `The images of ${images.name} have ${images.colors} colours and the autoencoder takes ${channels}; give images of as many.`,
    )
  }
  return {
    rows: source.rows,
    columns: source.columns * channels,
    gather(indices, out, rng) {
      const grey = new Float32Array(indices.length * source.columns)
      source.gather(indices, grey, rng)
      for (let i = 0; i < out.length; i++) out[i] = grey[Math.floor(i / channels)]
    },
  }
}

/** Images in order, and once more mirrored where `flip` is set. */
export function toEncode(images: ImageSet, channels: number, flip: boolean): ImagesToEncode {
  const source = channelRows(images, channels)
  const { height, width, count } = images
  const rng = Rng.seeded(0)
  return {
    count: flip ? 2 * count : count,
    height,
    width,
    read(first, taken) {
      const places = Array.from({ length: taken }, (_, i) => first + i)
      const out = new Float32Array(taken * source.columns)
      source.gather(
        places.map((place) => place % count),
        out,
        rng,
      )
      places.forEach((place, i) => {
        if (place >= count)
          mirror(out.subarray(i * source.columns, (i + 1) * source.columns), width, channels)
      })
      return out
    },
  }
}

function mirror(image: Float32Array, width: number, channels: number): void {
  const line = width * channels
  for (let start = 0; start < image.length; start += line) {
    for (let x = 0; x < width / 2; x++) {
      for (let c = 0; c < channels; c++) {
        const [left, right] = [start + x * channels + c, start + (width - 1 - x) * channels + c]
        const held = image[left]
        image[left] = image[right]
        image[right] = held
      }
    }
  }
}
