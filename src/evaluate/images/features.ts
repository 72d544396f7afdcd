import type { ImageSet } from '../../data/images/image-set.ts'
import { openModel } from '../../engine/index.ts'
import { InputError } from '../../errors.ts'
import { type Rows, rows } from '../../rows.ts'

/** Pixels of some images. */
export type Pixels = Pick<ImageSet, 'pixels' | 'count' | 'height' | 'width' | 'colors'>

/** Turns images into vectors that say what matters about them. */
export interface FeatureExtractor {
  readonly name: string
  /** Tells extractors apart whose features are worth keeping; absent where they are as quick to make. */
  readonly digest?: string
  /** [count, D] */
  extract(images: Pixels): Promise<Rows>
}

/** The pixels themselves, averaged over squares until at most so many numbers are left. */
const MOST_PIXELS = 256

/** Brightness over a coarse grid: quick, and blind to everything but shape and place. */
export const pixelFeatures: FeatureExtractor = {
  name: 'pixels',
  async extract({ pixels, count, height, width, colors }) {
    let square = 1
    while (Math.floor(height / square) * Math.floor(width / square) * colors > MOST_PIXELS) square++
    const [tall, wide] = [Math.floor(height / square), Math.floor(width / square)]
    const columns = tall * wide * colors
    const out = new Float32Array(count * columns)
    const share = 1 / (255 * square * square)
    for (let i = 0; i < count; i++) {
      for (let y = 0; y < tall * square; y++) {
        for (let x = 0; x < wide * square; x++) {
          for (let color = 0; color < colors; color++) {
            const cell = (Math.floor(y / square) * wide + Math.floor(x / square)) * colors + color
            out[i * columns + cell] += share * pixels[((i * height + y) * width + x) * colors + color]
          }
        }
      }
    }
    return rows(out, count, columns)
  },
}

/**
 * The first output of an ONNX model such as InceptionV3, averaged over space if it has any. The model takes images
 * in [batch, 3 or 1, H, W] of the range 0 … 255, as the graphs of the FID protocols do; grey images are
 * repeated for models of three colours, and other sizes are resized (bilinearly, without anti-aliasing).
 *
 * @throws InputError for a file that is no such model, or one of the wrong input shape
 */
export async function onnxFeatures(path: string, batch = 32): Promise<FeatureExtractor> {
  const model = await openModel(path)
  const [input] = model.inputs
  const [, colors, tall, wide] = input?.shape ?? []
  if (model.inputs.length !== 1 || input.shape.length !== 4 || (colors !== 1 && colors !== 3)) {
    const shape = input ? `[${input.shape.map((n) => n ?? '?').join(', ')}]` : 'nothing'
    throw new InputError(
      `${path} takes ${model.inputs.length} inputs, the first ${shape}; a feature extractor takes one of [batch, 3, height, width].`,
    )
  }
  return {
    name: path,
    digest: model.digest,
    async extract(images) {
      const [height, width] = [tall ?? images.height, wide ?? images.width]
      const parts: Float32Array[] = []
      const size = input.shape[0] ?? batch
      let columns = 0
      for (let first = 0; first < images.count; first += size) {
        const count = Math.min(size, images.count - first)
        const values = planes(images, first, count, size, { colors, height, width })
        const [output] = await model.run([{ shape: [size, colors, height, width], dtype: 'float32', values }])
        const places = output.shape.slice(2).reduce((product, n) => product * n, 1)
        columns = output.shape[1]
        const part = new Float32Array(count * columns)
        for (let i = 0; i < part.length; i++) {
          for (let p = 0; p < places; p++) part[i] += output.values[i * places + p] / places
        }
        parts.push(part)
      }
      const out = new Float32Array(images.count * columns)
      let at = 0
      for (const part of parts) {
        out.set(part, at)
        at += part.length
      }
      return rows(out, images.count, columns)
    },
  }
}

/** Images as planes of colour, resized; those beyond `count` are zeros. */
function planes(
  images: Pixels,
  first: number,
  count: number,
  batch: number,
  to: { readonly colors: number; readonly height: number; readonly width: number },
): Float32Array {
  const { pixels, height, width, colors } = images
  const out = new Float32Array(batch * to.colors * to.height * to.width)
  const place = (at: number, from: number, onto: number) =>
    Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / onto - 0.5))
  for (let i = 0; i < count; i++) {
    for (let color = 0; color < to.colors; color++) {
      const value = (y: number, x: number) =>
        pixels[(((first + i) * height + y) * width + x) * colors + Math.min(color, colors - 1)]
      for (let y = 0; y < to.height; y++) {
        const down = place(y, height, to.height)
        const [y0, y1] = [Math.floor(down), Math.min(height - 1, Math.floor(down) + 1)]
        for (let x = 0; x < to.width; x++) {
          const right = place(x, width, to.width)
          const [x0, x1] = [Math.floor(right), Math.min(width - 1, Math.floor(right) + 1)]
          const [u, v] = [right - x0, down - y0]
          const above = value(y0, x0) * (1 - u) + value(y0, x1) * u
          const below = value(y1, x0) * (1 - u) + value(y1, x1) * u
          out[((i * to.colors + color) * to.height + y) * to.width + x] = above * (1 - v) + below * v
        }
      }
    }
  }
  return out
}
