import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { type ImageConfig, imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import { decodeImage } from '../data/images/decode.ts'
import { createEngine, type Engine } from '../engine/index.ts'
import { InputError } from '../errors.ts'
import { createGenerator, type Generator } from '../generate/generator.ts'
import { gridPng, imagePng } from '../generate/grid.ts'
import { painting } from '../generate/painting.ts'
import { type ImageShape, imageParts, SHAPE_FILE } from '../generate/parts.ts'
import { readRun } from '../run/run-folder.ts'
import { IMAGE_RANKING } from '../train/image-run.ts'
import type { Output } from './output.ts'
import { chooseCheckpoint, type Which } from './rollout.ts'

/** Images in a grid, at most; larger numbers are written as single files only. */
const LARGEST_GRID = 400
/** Name of the file that shows them all. */
export const GRID_FILE = 'grid.png'

/** Which weights, and how to sample from them. */
export interface SamplingChoice {
  readonly run: string
  readonly which: Which
  readonly solver?: string
  readonly steps?: number
  readonly guidance?: number
  readonly batch: number
}

/** What to sample. */
export interface SampleRequest extends SamplingChoice {
  readonly count: number
  readonly seed: number
  /** Name or number of the one class to make; the classes take turns where absent. */
  readonly className?: string
  readonly out: string
  /** Paths of an image to keep parts of, and of a mask that is white where it is to be made anew. */
  readonly image?: string
  readonly mask?: string
  readonly output: Output
}

/** A trained generator, and what it makes. */
export interface OpenGenerator {
  readonly generator: Generator
  readonly config: ImageConfig
  readonly shape: ImageShape
  readonly step: number
  /** Solver and number of steps, for people. */
  readonly sampler: string
}

/** Opens the generator of a run. @throws InputError for a run of another kind, or settings that do not fit it */
export async function openGenerator(
  choice: SamplingChoice,
  output: Pick<Output, 'warn'>,
  engine?: Engine,
): Promise<OpenGenerator> {
  const run = await readRun(choice.run)
  const given = run.config as { readonly images?: unknown }
  if (given.images === undefined) {
    throw new InputError(
      `${choice.run} is the run of a planner, which makes no images; use "rollout" for it.`,
    )
  }
  const { solver, steps, guidance, batch } = choice
  const parsed = parseConfig(imageSchema, run.config, `${choice.run}/config.json`)
  const sampler = { ...(solver === undefined ? parsed.sampler : { type: solver }), ...(steps && { steps }) }
  const config = parseConfig(imageSchema, { ...parsed, sampler }, 'sampler')
  const shape = await readShape(join(run.path, SHAPE_FILE))
  const checkpoint = await chooseCheckpoint(run, choice.which, output, IMAGE_RANKING)
  const { network, process } = imageParts(config, shape)
  const { name, device, threads } = config.engine
  const generator = createGenerator({
    network,
    parameters: network.fromStateDict(checkpoint.tensors.average, checkpoint.path),
    process,
    sampler: config.sampler,
    engine: engine ?? (await createEngine({ engine: name, device, threads })),
    scale: config.images.scale,
    guidance: guidance ?? config.classes?.guidance,
    batch,
  })
  const { type, ...settings } = config.sampler
  const shown = 'steps' in settings ? `${type}, ${settings.steps} steps` : type
  return { generator, config, shape, step: checkpoint.manifest.step, sampler: shown }
}

/**
 * Makes images as PNG files, each once: those that are in the folder already are left as they are, so that a
 * call that was stopped goes on where it was. Up to {@link LARGEST_GRID} are drawn in a grid besides.
 */
export async function sampleImages(request: SampleRequest): Promise<void> {
  const { count, seed, out, batch, output } = request
  const { generator, config, shape, step, sampler } = await openGenerator(request, output)
  const progress = output.progress('images', count)
  try {
    const only = classNumber(request.className, config, shape)
    const classOf = (i: number) => (config.classes ? (only ?? i % shape.classes.length) : undefined)
    const fileOf = (i: number) => {
      const label = classOf(i)
      const folder = label === undefined ? out : join(out, shape.classes[label])
      return join(folder, `${String(i).padStart(6, '0')}.png`)
    }
    const all = Array.from({ length: count }, (_, i) => i)
    const missing = all.filter((i) => !existsSync(fileOf(i)))
    const project = await paintingOf(request, shape, config)
    let evaluations = 0
    let done = count - missing.length
    progress.update(done)
    for (let first = 0; first < missing.length; first += batch) {
      const images = missing.slice(first, first + batch)
      const classes = images.flatMap((i) => classOf(i) ?? [])
      const made = await generator.generate({
        seed,
        images,
        ...(classes.length > 0 && { classes }),
        project,
      })
      evaluations = Math.max(evaluations, made.evaluations)
      const size = made.pixels.length / images.length
      for (const [at, i] of images.entries()) {
        await writeFileAtomic(
          fileOf(i),
          await imagePng(made.pixels.subarray(at * size, (at + 1) * size), shape),
        )
      }
      done += images.length
      progress.update(done)
    }
    progress.stop()
    const grid = count <= LARGEST_GRID ? join(out, GRID_FILE) : undefined
    if (grid) await writeFileAtomic(grid, await readGrid(all.map(fileOf), shape))
    const cost = missing.length > 0 ? `, ${evaluations} evaluations of the network for each` : ''
    output.say(
      `${count} images (${missing.length} new) of step ${step} by ${sampler}${cost}, in ${grid ?? out}`,
    )
    output.record({ type: 'samples', step, count, made: missing.length, evaluations, out })
  } finally {
    progress.stop()
    await generator.close()
  }
}

async function readShape(path: string): Promise<ImageShape> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new InputError(`There is no ${path}; the run has not begun to train.`)
  })
  return JSON.parse(text)
}

/** The number of a class that the user names. @throws InputError naming those that there are */
function classNumber(
  given: string | undefined,
  config: ImageConfig,
  { classes }: ImageShape,
): number | undefined {
  if (given === undefined) return undefined
  if (!config.classes) {
    throw new InputError('--class asks for a class, but this network is not told classes; leave it out.')
  }
  const named = classes.indexOf(given)
  if (named >= 0) return named
  if (/^\d+$/.test(given) && Number(given) < classes.length) return Number(given)
  throw new InputError(`There is no class "${given}"; there are: ${classes.join(', ')}.`)
}

async function paintingOf(request: SampleRequest, shape: ImageShape, config: ImageConfig) {
  const { image, mask } = request
  if (image === undefined && mask === undefined) return undefined
  if (image === undefined || mask === undefined) {
    throw new InputError(
      'Painting needs an image and a mask that is white where to paint; give --image and --mask.',
    )
  }
  const read = async (path: string, colors: 1 | 3) => {
    const size = shape.height === shape.width ? shape.height : undefined
    const pixels = await decodeImage(path, { size, colors }).catch((error) => {
      throw new InputError(`${path} cannot be read as an image (${error.message}); give a PNG or JPEG file.`)
    })
    if (pixels.length !== shape.height * shape.width * colors) {
      throw new InputError(`${path} is not ${shape.width} × ${shape.height} pixels; resize it.`)
    }
    return pixels
  }
  const [known, free] = [await read(image, shape.colors as 1 | 3), await read(mask, 1)]
  const { process } = imageParts(config, shape)
  return painting({ known, free, shape, process, scale: config.images.scale })
}

async function readGrid(paths: readonly string[], shape: ImageShape): Promise<Uint8Array> {
  const images = await Promise.all(paths.map((path) => decodeImage(path, { colors: shape.colors as 1 | 3 })))
  const size = shape.height * shape.width * shape.colors
  const pixels = new Uint8Array(images.length * size)
  images.forEach((image, i) => {
    pixels.set(image, i * size)
  })
  return gridPng(pixels, shape)
}
