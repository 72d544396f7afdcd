import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import sharp from 'sharp'
import { readCifar10 } from '../../../src/data/images/cifar.ts'
import { readImageFolder } from '../../../src/data/images/folder.ts'
import { readIdx } from '../../../src/data/images/idx.ts'
import { imageRows, pixelsOf } from '../../../src/data/images/image-rows.ts'
import { loadImages } from '../../../src/data/images/load.ts'
import { InputError } from '../../../src/errors.ts'
import { Rng } from '../../../src/random/rng.ts'
import { scratch } from '../../scratch.ts'
import { idxBytes, writeHalves } from './idx-files.ts'

const folder = scratch()

const refused = (message: RegExp) => ({ instanceOf: InputError, message })

test('the digits of the package are ten thousand, upright and labelled', async (t) => {
  const digits = await loadImages({ type: 'mnist' })
  t.is(digits.count, 10_000)
  t.deepEqual([digits.height, digits.width, digits.colors], [28, 28, 1])
  t.is(digits.pixels.length, 10_000 * 784)
  const counts = digits.classes.map((_, label) => digits.labels!.filter((each) => each === label).length)
  t.true(counts.every((count) => count > 850 && count < 1150))
  // A one is a stroke down the middle: bright there, dark at the sides.
  const mean = (label: number, place: number) => {
    let sum = 0
    digits.labels!.forEach((each, i) => {
      if (each === label) sum += digits.pixels[i * 784 + place] / counts[label]
    })
    return sum
  }
  t.true(mean(1, 14 * 28 + 14) > 150)
  t.true(mean(1, 14 * 28 + 4) < 10)
  t.true(mean(0, 14 * 28 + 14) < 40)
})

test('IDX files are read plain and gzipped', async (t) => {
  const { images, labels } = writeHalves(folder, 6, 4)
  const read = await readIdx(images, labels)
  t.like(read, { count: 6, height: 4, width: 4, colors: 1, classes: ['0', '1'] })
  t.deepEqual([...read.pixels.subarray(0, 4)], [255, 255, 0, 0])
  t.deepEqual([...read.labels!], [0, 1, 0, 1, 0, 1])
  const zipped = join(folder, 'images.gz')
  writeFileSync(zipped, gzipSync(idxBytes([1, 2, 2], Uint8Array.of(1, 2, 3, 4))))
  t.deepEqual([...(await readIdx(zipped)).pixels], [1, 2, 3, 4])
  t.is((await loadImages({ type: 'idx', images, labels }, 8)).pixels.length, 6 * 64)
})

test('IDX files that are missing, cut off, of another kind or unlike are named', async (t) => {
  const path = join(folder, 'broken')
  await t.throwsAsync(readIdx(path), refused(/Cannot read .*broken/))
  writeFileSync(path, idxBytes([2, 2, 2], Uint8Array.of(1, 2, 3)))
  await t.throwsAsync(readIdx(path), refused(/broken holds 3 bytes where its header promises 8/))
  writeFileSync(path, 'hello, this is text')
  await t.throwsAsync(readIdx(path), refused(/broken is not an IDX file/))
  writeFileSync(path, idxBytes([1], Uint8Array.of(1)))
  const { images } = writeHalves(folder, 6, 4)
  await t.throwsAsync(readIdx(images, path), refused(/1 labels for the 6 images/))
})

test("CIFAR-10's records become pixels", async (t) => {
  const record = Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? 7 : Math.floor((i - 1) / 1024)))
  const place = join(folder, 'cifar')
  mkdirSync(place)
  writeFileSync(join(place, 'data_batch_1.bin'), Buffer.concat([record, record]))
  const read = await readCifar10(place)
  t.like(read, { count: 2, height: 32, width: 32, colors: 3 })
  t.is(read.classes[read.labels![1]], 'horse')
  t.deepEqual([...read.pixels.subarray(0, 6)], [0, 1, 2, 0, 1, 2])
  writeFileSync(join(place, 'data_batch_2.bin'), record.subarray(0, 99))
  await t.throwsAsync(readCifar10(place), refused(/data_batch_2.bin holds 99 bytes/))
  await t.throwsAsync(readCifar10(folder), refused(/holds no data_batch_1.bin/))
})

test('folders of images have classes, one size, and leave out what cannot be read', async (t) => {
  const place = join(folder, 'photos')
  for (const [name, background] of [
    ['blue', '#00f'],
    ['red', '#f00'],
  ]) {
    mkdirSync(join(place, name), { recursive: true })
    const image = sharp({ create: { width: 12, height: 6, channels: 3, background } })
    await image.png().toFile(join(place, name, 'a.png'))
  }
  writeFileSync(join(place, 'red', 'b.jpg'), 'no image')
  const read = await readImageFolder(place, { size: 4, colors: 3 })
  t.like(read, { count: 2, height: 4, width: 4, classes: ['blue', 'red'] })
  t.deepEqual([...read.labels!], [0, 1])
  t.deepEqual([...read.pixels.subarray(48, 51)], [255, 0, 0])
  t.is(read.skipped.length, 1)
  t.regex(read.skipped[0], /b\.jpg cannot be read as an image/)
  await t.throwsAsync(readImageFolder(place, { size: 4, colors: 3, strict: true }), refused(/b\.jpg/))
  t.is((await readImageFolder(place, { size: 4, colors: 1 })).pixels.length, 32)
  await t.throwsAsync(readImageFolder(join(folder, 'no'), { size: 4, colors: 3 }), refused(/Cannot read/))
  await t.throwsAsync(loadImages({ type: 'folder', path: place }), refused(/images\.size/))
})

test('pixels become numbers and back, and flips mirror whole pixels', (t) => {
  const pixels = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i * 10)
  const set = { name: 'x', count: 1, height: 2, width: 3, colors: 3, pixels, classes: [], skipped: [] }
  const out = new Float32Array(18)
  imageRows(set, { scale: 2 }).gather([0], out, Rng.seeded(0))
  t.is(out[0], -2)
  t.deepEqual([...pixelsOf(out, 2)], [...pixels])
  const flipped = imageRows(set, { flip: true })
  const seen = new Set<string>()
  for (let seed = 0; seed < 8; seed++) {
    flipped.gather([0], out, Rng.seeded(seed))
    seen.add(String([...pixelsOf(out)].slice(0, 9)))
  }
  t.deepEqual([...seen].sort(), ['0,10,20,30,40,50,60,70,80', '60,70,80,30,40,50,0,10,20'])
})

test('images come in the order of their names whatever the number of workers, and so do their faults', async (t) => {
  const place = join(folder, 'many')
  mkdirSync(place)
  for (let i = 0; i < 12; i++) {
    const name = join(place, `${String(i).padStart(2, '0')}.png`)
    // Large ones take longest, so that they are done out of order.
    const side = i % 3 === 0 ? 200 : 4
    const create = { width: side, height: side, channels: 3 as const, background: { r: 10 * i, g: 0, b: 0 } }
    if (i === 4 || i === 7) writeFileSync(name, 'no image')
    else await sharp({ create }).png().toFile(name)
  }
  writeFileSync(join(place, 'grid.png'), 'of all of them')
  const read = (workers: number, strict = false) =>
    readImageFolder(place, { size: 2, colors: 3, workers, strict, except: ['grid.png'] })
  const one = await read(1)
  t.is(one.count, 10)
  t.deepEqual(
    Array.from({ length: 10 }, (_, i) => one.pixels[i * 12]),
    [0, 1, 2, 3, 5, 6, 8, 9, 10, 11].map((i) => 10 * i),
  )
  t.deepEqual(
    one.skipped.map((problem) => problem.match(/\d\d\.png/)?.[0]),
    ['04.png', '07.png'],
  )
  for (const workers of [3, 16]) t.deepEqual(await read(workers), one)
  for (const workers of [1, 16]) await t.throwsAsync(read(workers, true), refused(/04\.png cannot be read/))
})
