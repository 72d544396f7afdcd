import test from 'ava'
import sharp from 'sharp'
import { ddpm, flow } from '../../src/diffusion/index.ts'
import { onnxEngine } from '../../src/engine/index.ts'
import { InputError } from '../../src/errors.ts'
import { createGenerator, type GeneratorOptions } from '../../src/generate/generator.ts'
import { gridPng } from '../../src/generate/grid.ts'
import { painting } from '../../src/generate/painting.ts'
import { imageUnet } from '../../src/models/image-unet.ts'
import { Rng } from '../../src/random/rng.ts'

const shape = { height: 4, width: 4, colors: 1, classes: ['a', 'b'] }
// With as many channels as groups, the normalisation would cancel what a class adds.
const network = imageUnet({ ...shape, classes: 2, base: 64, multiples: [1] })
const rng = Rng.seeded(1)
/** Weights that make every output depend on everything. */
const parameters = Object.fromEntries(
  Object.entries(network.init(rng)).map(([name, tensor]) => [
    name,
    { ...tensor, values: rng.fillNormal(new Float32Array(tensor.values.length)).map((x) => 0.1 * x) },
  ]),
)
const engine = onnxEngine({ threads: 1 })
const options: GeneratorOptions = {
  network,
  parameters,
  process: flow({ timeScale: 1 }),
  sampler: { type: 'euler', steps: 3 },
  engine,
  batch: 4,
}

const near = (a: Uint8Array, b: Uint8Array) => a.every((value, i) => Math.abs(value - b[i]) <= 1)

test('an image of a seed can be made again alone', async (t) => {
  const generator = createGenerator(options)
  const all = await generator.generate({ seed: 7, images: [0, 1, 2, 3, 4, 5], classes: [0, 1, 0, 1, 0, 1] })
  t.is(all.pixels.length, 6 * 16)
  t.is(all.evaluations, 3)
  const one = await generator.generate({ seed: 7, images: [5], classes: [1] })
  t.true(near(one.pixels, all.pixels.subarray(80)))
  const other = await generator.generate({ seed: 8, images: [5], classes: [1] })
  t.false(near(other.pixels, one.pixels))
  await generator.close()
})

test('guidance moves images away from those of no class', async (t) => {
  const made = async (guidance: number, classes?: number[]) => {
    const generator = createGenerator({ ...options, guidance })
    const { pixels } = await generator.generate({ seed: 1, images: [0], ...(classes && { classes }) })
    await generator.close()
    return pixels
  }
  const [free, none, some, much] = [await made(3), await made(0, [1]), await made(1, [1]), await made(3, [1])]
  t.true(near(free, none))
  t.false(near(some, free))
  t.false(near(much, some))
})

test('classes that the network does not know are refused', async (t) => {
  const generator = createGenerator(options)
  await t.throwsAsync(generator.generate({ seed: 0, images: [0], classes: [2] }), {
    instanceOf: InputError,
    message: /no class 2; give one from 0 to 1/,
  })
})

for (const process of [flow(), ddpm({ steps: 10 })]) {
  test(`painting keeps what the mask keeps, with ${process.type}`, async (t) => {
    const known = Uint8Array.from({ length: 16 }, (_, i) => 16 * i)
    const free = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 255 : 0))
    const generator = createGenerator({ ...options, process, sampler: { type: 'euler', steps: 4 } })
    const project = painting({ known, free, shape, process, scale: 1 })
    const { pixels } = await generator.generate({ seed: 3, images: [0, 1], project })
    const kept = (image: Uint8Array) => [...image].filter((_, i) => i % 4 >= 2)
    t.deepEqual(kept(pixels.subarray(0, 16)), kept(known))
    t.deepEqual(kept(pixels.subarray(16)), kept(known))
    t.notDeepEqual(pixels.subarray(0, 16), pixels.subarray(16))
    await generator.close()
  })
}

test('a grid shows every image, enlarged by whole numbers', async (t) => {
  const pixels = new Uint8Array(5 * 16).fill(200)
  const png = await gridPng(pixels, shape)
  const { width, height } = await sharp(png).metadata()
  // Three across and two down, with gaps of 2, 14 times as large.
  t.deepEqual([width, height], [14 * (3 * 4 + 4), 14 * (2 * 4 + 2)])
})
