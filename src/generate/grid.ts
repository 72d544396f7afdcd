import sharp from 'sharp'
import type { ImageShape } from './parts.ts'

/** Pixels between images. */
const GAP = 2
/** Images are enlarged by a whole number to at least this height. */
const LEAST_HEIGHT = 56

/**
 * Images side by side as a PNG, as many to a row as there are rows, or nearly.
 *
 * @param pixels [count, height · width · colors], 0 … 255
 * @param columns images in a row; the square root of their number where absent
 */
export async function gridPng(
  pixels: Uint8Array,
  { height, width, colors }: Omit<ImageShape, 'classes'>,
  columns?: number,
): Promise<Uint8Array> {
  const size = height * width * colors
  const count = pixels.length / size
  const across = Math.max(1, Math.min(count, columns ?? Math.ceil(Math.sqrt(count))))
  const down = Math.ceil(count / across)
  const [wide, tall] = [across * (width + GAP) - GAP, down * (height + GAP) - GAP]
  const sheet = new Uint8Array(wide * tall * colors).fill(96)
  for (let i = 0; i < count; i++) {
    const [left, top] = [(i % across) * (width + GAP), Math.floor(i / across) * (height + GAP)]
    for (let y = 0; y < height; y++) {
      const line = pixels.subarray(i * size + y * width * colors, i * size + (y + 1) * width * colors)
      sheet.set(line, ((top + y) * wide + left) * colors)
    }
  }
  const factor = Math.max(1, Math.ceil(LEAST_HEIGHT / height))
  const image = sharp(sheet, { raw: { width: wide, height: tall, channels: colors as 1 | 3 } })
  return image
    .resize(wide * factor, tall * factor, { kernel: 'nearest' })
    .png()
    .toBuffer()
}

/** One image as a PNG. */
export async function imagePng(
  pixels: Uint8Array,
  { height, width, colors }: Omit<ImageShape, 'classes'>,
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: colors as 1 | 3 } })
    .png()
    .toBuffer()
}
