import { readdir, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { decodeImage } from './decode.ts'
import type { ImageSet } from './image-set.ts'

const IMAGE = /\.(png|jpe?g|webp|gif|tiff?|avif|bmp)$/i

/** How to read a folder of images. */
export interface FolderOptions {
  /** Height and width that images are resized and cropped to. */
  readonly size: number
  readonly colors: 1 | 3
  /** Whether an unreadable image is an error rather than left out. */
  readonly strict?: boolean
}

/**
 * Reads a folder with a folder of images for each class, or of images alone. Files are taken in the order of their
 * names, and decoded on libvips' own threads, several at a time.
 *
 * @throws InputError where there are no images, or one cannot be read and `strict` is set
 */
export async function readImageFolder(path: string, options: FolderOptions): Promise<ImageSet> {
  const { size, colors, strict = false } = options
  const entries = await readdir(path, { withFileTypes: true }).catch(() => {
    throw new InputError(`Cannot read the folder ${path}; give a folder of images, or of one folder a class.`)
  })
  const classes = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
  const files: { readonly path: string; readonly label: number }[] = []
  for (const [label, folder] of (classes.length > 0 ? classes : ['.']).entries()) {
    const names = (await readdir(join(path, folder))).filter((name) => IMAGE.test(name)).sort()
    for (const name of names) files.push({ path: join(path, folder, name), label })
  }
  const bytes = size * size * colors
  const decoded: (Uint8Array | undefined)[] = new Array(files.length)
  const skipped: string[] = []
  let next = 0
  const lane = async () => {
    while (next < files.length) {
      const index = next++
      try {
        decoded[index] = await decodeImage(files[index].path, { size, colors })
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const problem = `${files[index].path} cannot be read as an image (${reason})`
        if (strict) throw new InputError(`${problem}; mend or remove it, or go without strict reading.`)
        skipped.push(problem)
      }
    }
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane))
  const kept = files.flatMap(({ label }, i) => (decoded[i] ? [{ label, pixels: decoded[i] }] : []))
  if (kept.length === 0) {
    const found =
      (await stat(path)).isDirectory() && files.length > 0
        ? `none of its ${files.length} images can be read`
        : 'it holds no images'
    throw new InputError(`${path} cannot be used: ${found}; give PNG, JPEG, WebP, TIFF, GIF or AVIF files.`)
  }
  const pixels = new Uint8Array(kept.length * bytes)
  kept.forEach((image, i) => {
    pixels.set(image.pixels, i * bytes)
  })
  return {
    name: path,
    count: kept.length,
    height: size,
    width: size,
    colors,
    pixels,
    ...(classes.length > 0 && { labels: Int32Array.from(kept, ({ label }) => label) }),
    classes,
    skipped: skipped.sort(),
  }
}
