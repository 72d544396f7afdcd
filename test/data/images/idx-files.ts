import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The bytes of an IDX file of unsigned bytes. */
export function idxBytes(sizes: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header[2] = 0x08
  header[3] = sizes.length
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i)
  return Buffer.concat([header, data])
}

/** Writes `count` images of `side` pixels, bright in the half that their class (0 left, 1 right) says. */
export function writeHalves(folder: string, count: number, side: number): { images: string; labels: string } {
  const pixels = new Uint8Array(count * side * side)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2)
  for (let i = 0; i < pixels.length; i++) {
    const right = i % side >= side / 2
    pixels[i] = right === (labels[Math.floor(i / side ** 2)] === 1) ? 255 : 0
  }
  const paths = { images: join(folder, 'images.idx'), labels: join(folder, 'labels.idx') }
  writeFileSync(paths.images, idxBytes([count, side, side], pixels))
  writeFileSync(paths.labels, idxBytes([count], labels))
  return paths
}
