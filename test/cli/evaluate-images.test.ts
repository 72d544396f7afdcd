import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { evaluateImages } from '../../src/cli/evaluate-images.ts'
import { createOutput } from '../../src/cli/output.ts'
import { float32, onnxEngine } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import { onnxFeatures } from '../../src/evaluate/images/features.ts'
import { Rng } from '../../src/random/rng.ts'
import { readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts'
import { scratch } from '../scratch.ts'

const folder = scratch()

/** A folder of `count` noisy images of 4 × 4 pixels about a brightness. */
async function imagesIn(name: string, count: number, brightness: number): Promise<string> {
  const place = join(folder, name)
  mkdirSync(place)
  const rng = Rng.seeded(brightness)
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from({ length: 48 }, () => brightness + Math.floor(40 * rng.uniform()))
    const image = sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } })
    await image.png().toFile(join(place, `${i}.png`))
  }
  // As "sample" leaves it beside its images.
  writeFileSync(join(place, 'grid.png'), 'no image, and to be passed over')
  return place
}

/** An extractor that gives the mean of each colour over places and the four corners' first colour, [B, 3, 2, 2]. */
async function extractor(name: string, shape: number[]): Promise<string> {
  const path = join(folder, name)
  const compiled = await onnxEngine({ threads: 1 }).compile(
    'features',
    (inputs) => {
      const images = inputs.images as tf.Tensor4D
      return { features: tf.mul(images.rank === 4 ? tf.slice(images, 0, [-1, -1, 2, 2]) : images, 1 / 255) }
    },
    { images: float32(...shape) },
  )
  writeFileSync(path, compiled.model)
  await compiled.dispose()
  return path
}

const request = () => {
  const lines: Record<string, unknown>[] = []
  const warnings: string[] = []
  const said: string[] = []
  const output = {
    ...createOutput(true),
    record: (line: object) => lines.push(line as Record<string, unknown>),
    warn: (text: string) => warnings.push(text),
    say: (text: string) => said.push(text),
  }
  return { which: 'latest' as const, size: 4, cache: join(folder, 'cache'), output, lines, warnings, said }
}

test.serial('a model by its path measures a folder, and features of real images are kept', async (t) => {
  const real = await imagesIn('real', 12, 100)
  const same = await imagesIn('same', 12, 101)
  const bright = await imagesIn('bright', 9, 180)
  const features = await extractor('extractor.onnx', [5, 3, 4, 4])
  const first = request()
  const near = await evaluateImages({ ...first, images: same, reference: real, features })
  t.like(first.lines[0], { type: 'figures', count: 12, references: 12, ...near })
  t.regex(first.said[0], /are kept in .*cache/)
  t.deepEqual(first.warnings, [])
  const second = request()
  const far = await evaluateImages({ ...second, images: bright, reference: real, features })
  t.regex(second.said[0], /come from .*cache/)
  t.true(far.frechet > 0.1 && near.frechet < 0.02, `${far.frechet} and ${near.frechet}`)
  t.true(far.precision === 0 && near.precision > 0.3)

  // What is kept is what is used.
  const [file] = readdirSync(first.cache)
  const kept = (await readSafetensors(join(first.cache, file))).tensors.features
  t.deepEqual([...kept.shape], [12, 3])
  const moved = { ...kept, values: (kept.values as Float32Array).map((value) => value + 1) }
  await writeSafetensors(join(first.cache, file), { features: moved })
  const third = await evaluateImages({ ...request(), images: same, reference: real, features })
  t.true(Math.abs(third.frechet - near.frechet - 3) < 0.5, `${third.frechet}`)
  // Another model under the same name is not mistaken for it.
  await extractor('extractor.onnx', [6, 3, 4, 4])
  const other = request()
  t.true((await evaluateImages({ ...other, images: same, reference: real, features })).frechet < 0.02)
  t.regex(other.said[0], /are kept in/)
})

test.serial('features are averaged over places, whatever the batch', async (t) => {
  const { extract } = await onnxFeatures(join(folder, 'extractor.onnx'))
  const pixels = Uint8Array.from({ length: 7 * 48 }, (_, i) => i % 200)
  const { values, rows, columns } = await extract({ pixels, count: 7, height: 4, width: 4, colors: 3 })
  t.deepEqual([rows, columns], [7, 3])
  const at = (image: number, place: number, color: number) => pixels[48 * image + 3 * place + color]
  for (const image of [0, 6]) {
    const mean = [0, 1, 4, 5].reduce((sum, place) => sum + at(image, place, 2) / 4, 0)
    t.true(Math.abs(values[3 * image + 2] - mean / 255) < 1e-6)
  }
})

test.serial('extractors of the wrong shape, and what is missing, are named', async (t) => {
  const [images, reference] = [join(folder, 'same'), join(folder, 'real')]
  const refused = (others: object, message: RegExp) =>
    t.throwsAsync(evaluateImages({ ...request(), images, reference, ...others }), {
      instanceOf: InputError,
      message,
    })
  const flat = await extractor('flat.onnx', [5, 48])
  await refused(
    { features: flat },
    /flat\.onnx takes 1 inputs, the first \[5, 48\]; .* \[batch, 3, height, width\]/,
  )
  const five = await extractor('five.onnx', [2, 5, 4, 4])
  await refused({ features: five }, /the first \[2, 5, 4, 4\]/)
  await refused({ features: join(folder, 'no.onnx') }, /Cannot read .*no\.onnx/)
  await refused({ features: join(reference, '0.png') }, /0\.png is not an ONNX model/)
  await refused({ features: 'classifier' }, /no classes to learn features from/)
  await refused({ reference: undefined }, /Give --reference/)
  await refused({ size: undefined }, /give it as --size/)
  await refused({ run: folder }, /either a run or a folder/)
  await refused({ images: undefined }, /either a run or a folder/)
})

test.serial('an unreadable image is left out with a count, or refused', async (t) => {
  const spoilt = join(folder, 'spoilt')
  cpSync(join(folder, 'same'), spoilt, { recursive: true })
  writeFileSync(join(spoilt, 'torn.png'), 'no image')
  const asked = { ...request(), images: spoilt, reference: join(folder, 'real') }
  await evaluateImages(asked)
  t.regex(asked.warnings.join('\n'), /1 images of .*spoilt are left out; the first: .*torn\.png/)
  await t.throwsAsync(evaluateImages({ ...asked, strict: true }), {
    instanceOf: InputError,
    message: /torn\.png/,
  })
})
