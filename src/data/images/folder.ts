import { readdir } from 'node:fs/promises'
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
  /** Images decoded at a time; twice the number of cores by default. */
  readonly workers?: number
  /** Names of files that do not belong to the images, such as a grid of them. */
  readonly except?: readonly string[]
}

/**
 * Reads a folder with a folder of images for each class, or of images alone. Files are taken in the order of their
 * names, whatever the number of workers. Decoding is done by libvips on the threads of Node's pool
 * (`UV_THREADPOOL_SIZE`, 4 by default), so that this thread only hands out files.
 *
 * @throws InputError where there are no images, or one cannot be read and `strict` is set: the first such
 */
export async function readImageFolder(path: string, options: FolderOptions): Promise<ImageSet> {
  const { size, colors, strict = false, workers = 2 * availableParallelism(), except = [] } = options
  const { files, classes } = await listImages(path, except)
  const bytes = size * size * colors
  const pixels = new Uint8Array(files.length * bytes)
  const problems = new Map<number, string>()
  let next = 0
  const worker = async () => {
    while (next < files.length && !(strict && problems.size > 0)) {
      const index = next++
      const file = files[index].path
      try {
        pixels.set(await decodeImage(file, { size, colors }), index * bytes)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        problems.set(index, `${file} cannot be read as an image (${reason})`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, workers) }, worker))
  const unreadable = [...problems.keys()].sort((a, b) => a - b)
  if (strict && unreadable.length > 0) {
    throw new InputError(`${problems.get(unreadable[0])}; mend or remove it, or go without strict reading.`)
  }
  const kept = files.flatMap((_, i) => (problems.has(i) ? [] : [i]))
  if (kept.length === 0) {
    const found = files.length > 0 ? `none of its ${files.length} images can be read` : 'it holds no images'
    throw new InputError(`${path} cannot be used: ${found}; give PNG, JPEG, WebP, TIFF, GIF or AVIF files.`)
  }
  for (const [to, from] of kept.entries()) {
    if (to !== from) pixels.copyWithin(to * bytes, from * bytes, (from + 1) * bytes)
  }
  return {
    name: path,
    count: kept.length,
    height: size,
    width: size,
    colors,
    pixels: pixels.subarray(0, kept.length * bytes),
    ...(classes.length > 0 && { labels: Int32Array.from(kept, (i) => files[i].label) }),
    classes,
    skipped: unreadable.map((i) => problems.get(i)!),
  }
}

/** The images of a folder with the numbers of their classes, in the order of their names. */
async function listImages(path: string, except: readonly string[]) {
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
    for (const name of names) {
      if (!except.includes(name)) files.push({ path: join(path, folder, name), label })
    }
  }
  return { files, classes }
}
