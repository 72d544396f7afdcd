import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import type { ImageSet } from './image-set.ts'

const SIDE = 32
const PLANE = SIDE * SIDE
const RECORD = 1 + 3 * PLANE
const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

/**
 * Reads the binary version of CIFAR-10 (Krizhevsky 2009): `data_batch_1.bin` … `data_batch_5.bin`.
 *
 * @param folder `cifar-10-batches-bin`
 * @throws InputError for a folder without them, or a truncated file
 */
export async function readCifar10(folder: string): Promise<ImageSet> {
  const names = await readdir(folder).catch(() => {
    throw new InputError(`Cannot read the folder ${folder}; give that of CIFAR-10's binary version.`)
  })
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name)).sort()
  if (batches.length === 0) {
    throw new InputError(
      `${folder} holds no data_batch_1.bin; unpack cifar-10-binary.tar.gz and give its folder cifar-10-batches-bin.`,
    )
  }
  const files = await Promise.all(
    batches.map(async (name) => {
      const bytes = await readFile(join(folder, name))
      if (bytes.length === 0 || bytes.length % RECORD !== 0) {
        throw new InputError(
          `${join(folder, name)} holds ${bytes.length} bytes, which are not whole records of ${RECORD}; download it again.`,
        )
      }
      return bytes
    }),
  )
  const count = files.reduce((sum, bytes) => sum + bytes.length / RECORD, 0)
  const pixels = new Uint8Array(count * 3 * PLANE)
  const labels = new Int32Array(count)
  let image = 0
  for (const [f, bytes] of files.entries()) {
    for (let start = 0; start < bytes.length; start += RECORD, image++) {
      labels[image] = bytes[start]
      if (labels[image] >= CLASSES.length) {
        throw new InputError(
          `${join(folder, batches[f])} has a label ${labels[image]} in record ${start / RECORD}; labels go from 0 to 9.`,
        )
      }
      for (let place = 0; place < PLANE; place++) {
        const at = (image * PLANE + place) * 3
        for (let color = 0; color < 3; color++) pixels[at + color] = bytes[start + 1 + color * PLANE + place]
      }
    }
  }
  return {
    name: folder,
    count,
    height: SIDE,
    width: SIDE,
    colors: 3,
    pixels,
    labels,
    classes: CLASSES,
    skipped: [],
  }
}
