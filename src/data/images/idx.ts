import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { InputError } from '../../errors.ts'
import type { ImageSet } from './image-set.ts'

/** Unsigned bytes, the only type of element that MNIST and its relatives have. */
const BYTES = 0x08

/**
 * Reads images and labels in the IDX format of MNIST and Fashion-MNIST, plain or gzipped.
 *
 * @param images path of a file of [count, height, width] bytes
 * @param labels path of a file of [count] bytes; absent for no classes
 * @throws InputError for a file that is missing, truncated or of another kind, or counts that differ
 */
export async function readIdx(images: string, labels?: string): Promise<ImageSet> {
  const { sizes, data } = await readArray(images, 3)
  const [count, height, width] = sizes
  const found = labels === undefined ? undefined : await readArray(labels, 1)
  if (found && found.sizes[0] !== count) {
    throw new InputError(
      `${labels} holds ${found.sizes[0]} labels for the ${count} images of ${images}; give files that belong together.`,
    )
  }
  const largest = found ? found.data.reduce((most, label) => Math.max(most, label), 0) : -1
  return {
    name: images,
    count,
    height,
    width,
    colors: 1,
    pixels: data,
    ...(found && { labels: Int32Array.from(found.data) }),
    classes: Array.from({ length: largest + 1 }, (_, label) => String(label)),
    skipped: [],
  }
}

async function readArray(path: string, rank: number): Promise<{ sizes: number[]; data: Uint8Array }> {
  let bytes: Uint8Array = await readFile(path).catch(() => {
    throw new InputError(
      `Cannot read ${path}; give the path of an IDX file, such as train-images-idx3-ubyte.`,
    )
  })
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    bytes = await promisify(gunzip)(bytes).catch(() => {
      throw new InputError(`${path} is a damaged gzip file; download it again.`)
    })
  }
  const header = 4 + 4 * rank
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < header || view.getUint16(0) !== 0 || bytes[2] !== BYTES || bytes[3] !== rank) {
    throw new InputError(
      `${path} is not an IDX file of ${rank === 3 ? 'images' : 'labels'} (bytes in ${rank} dimensions); check the path.`,
    )
  }
  const sizes = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const expected = sizes.reduce((product, size) => product * size, 1)
  if (bytes.length - header !== expected) {
    throw new InputError(
      `${path} holds ${bytes.length - header} bytes where its header promises ${expected} ([${sizes}]); download it again.`,
    )
  }
  if (sizes.includes(0)) throw new InputError(`${path} is empty ([${sizes}]); give a file with images.`)
  return { sizes, data: bytes.subarray(header) }
}
