import { InputError } from '../../errors.ts'
import { readCifar10 } from './cifar.ts'
import { decodeImage } from './decode.ts'
import { readImageFolder } from './folder.ts'
import { readIdx } from './idx.ts'
import type { ImageSet } from './image-set.ts'
import { readMnist } from './mnist.ts'

/** Where images come from. */
export type ImageSource =
  | { readonly type: 'mnist' }
  | { readonly type: 'idx'; readonly images: string; readonly labels?: string }
  | { readonly type: 'cifar10'; readonly path: string }
  | {
      readonly type: 'folder'
      readonly path: string
      readonly colors?: 1 | 3
      readonly strict?: boolean
    }

/**
 * Reads a set of images.
 *
 * @param size height and width to resize and crop them to; their own where absent, which folders cannot do without
 * @throws InputError for whatever cannot be used, naming the file
 */
export async function loadImages(source: ImageSource, size?: number): Promise<ImageSet> {
  switch (source.type) {
    case 'mnist':
      return resized(await readMnist(), size)
    case 'idx':
      return resized(await readIdx(source.images, source.labels), size)
    case 'cifar10':
      return resized(await readCifar10(source.path), size)
    case 'folder': {
      if (size === undefined) {
        throw new InputError(`The images of ${source.path} need a common size; give it as images.size.`)
      }
      const { colors = 3, strict } = source
      return readImageFolder(source.path, { size, colors, strict })
    }
  }
}

async function resized(images: ImageSet, size: number | undefined): Promise<ImageSet> {
  const { height, width, count } = images
  if (size === undefined || (height === size && width === size)) return images
  const colors = images.colors as 1 | 3
  const before = height * width * colors
  const after = size * size * colors
  const pixels = new Uint8Array(count * after)
  for (let i = 0; i < count; i++) {
    const image = images.pixels.subarray(i * before, (i + 1) * before)
    pixels.set(await decodeImage({ pixels: image, height, width, colors }, { size, colors }), i * after)
  }
  return { ...images, height: size, width: size, pixels }
}
