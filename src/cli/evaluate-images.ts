import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ImageConfig, imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import { isImageConfig } from '../config/run-config.ts'
import { readImageFolder } from '../data/images/folder.ts'
import type { ImageSet } from '../data/images/image-set.ts'
import { loadImages } from '../data/images/load.ts'
import { createEngine } from '../engine/index.ts'
import { InputError } from '../errors.ts'
import type { Pixels } from '../evaluate/images/features.ts'
import type { ImageFigures } from '../evaluate/images/measure.ts'
import { readRun } from '../run/run-folder.ts'
import { FEATURE_CACHE, imageJudge } from '../train/image-judge.ts'
import type { Output } from './output.ts'
import { GRID_FILE, openGenerator, type SamplingChoice } from './sample.ts'
import { table } from './tables.ts'

/** What to measure against what: the samples of a run, or images that are there. */
export interface EvaluationRequest
  extends Partial<Omit<SamplingChoice, 'which'>>,
    Pick<SamplingChoice, 'which'> {
  /** Folder of images, instead of a run. */
  readonly images?: string
  /** `mnist`, a folder of images, or a run whose training images serve; a run's own where absent. */
  readonly reference?: string
  /** Samples of a run that are measured; as its config says where absent. */
  readonly count?: number
  readonly seed?: number
  /** `pixels`, `classifier` or the path of an ONNX model; as the run says, or `pixels`, where absent. */
  readonly features?: string
  /** Height and width of images that nothing else tells. */
  readonly size?: number
  /** Whether an unreadable image of a folder is an error. */
  readonly strict?: boolean
  /** Folder that keeps the features of real images. */
  readonly cache?: string
  readonly output: Output
}

/** Measures images against real ones, prints the figures and returns them. @throws InputError for what does not fit */
export async function evaluateImages(request: EvaluationRequest): Promise<ImageFigures> {
  const { run, images, output, cache = FEATURE_CACHE } = request
  if ((run === undefined) === (images === undefined)) {
    throw new InputError(
      'What shall be measured? Give either a run or a folder of images: --run DIR or --images DIR.',
    )
  }
  const config = run === undefined ? undefined : await imageConfigOf(run)
  const real = await referenceOf(request, config)
  for (const problem of real.skipped) output.warn(`left out: ${problem}`)
  const features = request.features ?? config?.evaluation.features ?? 'pixels'
  const engine = await createEngine()
  const judge = await imageJudge(features, real, engine, cache)
  if (judge.cached) {
    const { path, made } = judge.cached
    output.say(`features of ${real.name} ${made ? 'are kept in' : 'come from'} ${path}`)
  }
  const samples = config ? await sampled(request, config) : await pictures(images!, real, request)
  const { columns } = judge.reference.features
  if (samples.count < columns) {
    output.warn(
      `${samples.count} images are fewer than the ${columns} features, so the Fréchet distance is too high; measure more, and compare distances of equally many only.`,
    )
  }
  const figures = await judge.judge(samples)
  const rounded = (value: number) => value.toPrecision(4)
  output.say(
    table(
      ['images', 'reference', 'features', 'Fréchet', 'kernel', 'precision', 'recall'],
      [
        [
          `${samples.count}`,
          `${real.name} (${real.count})`,
          `${judge.features} (${columns})`,
          rounded(figures.frechet),
          rounded(figures.kernel),
          rounded(figures.precision),
          rounded(figures.recall),
        ],
      ],
    ),
  )
  output.record({
    type: 'figures',
    images: run ?? images,
    count: samples.count,
    reference: real.name,
    references: real.count,
    features: judge.features,
    ...figures,
  })
  return figures
}

/** The config of a run whose samples can be made here. */
async function imageConfigOf(folder: string): Promise<ImageConfig> {
  const { config } = await readRun(folder)
  if (isImageConfig(config)) return parseConfig(imageSchema, config, `${folder}/config.json`)
  throw new InputError(
    `${folder} is not the run of an image generator; of latent diffusion, make images with "sample" and give their folder as --images.`,
  )
}

/** The real images. */
async function referenceOf(
  { reference, size, images, strict }: EvaluationRequest,
  config: ImageConfig | undefined,
): Promise<ImageSet> {
  const own = config?.images
  if (reference === undefined) {
    if (own) return loadImages(own.source, own.size)
    throw new InputError(
      `What shall ${images} be compared with? Give --reference: mnist, a folder of images, or a run.`,
    )
  }
  if (reference === 'mnist') return loadImages({ type: 'mnist' }, size ?? own?.size)
  if (existsSync(join(reference, 'config.json'))) {
    const { images: theirs } = await imageConfigOf(reference)
    return loadImages(theirs.source, size ?? own?.size ?? theirs.size)
  }
  // Samples of a run have the size and the colours of what it was trained on.
  const like = own && (await loadImages(own.source, own.size))
  const wanted = size ?? like?.height
  if (wanted === undefined) {
    throw new InputError(`The images of ${reference} need a common size; give it as --size.`)
  }
  return readImageFolder(reference, {
    size: wanted,
    colors: (like?.colors ?? 3) as 1 | 3,
    strict,
    except: [GRID_FILE],
  })
}

async function sampled(request: EvaluationRequest, config: ImageConfig): Promise<Pixels> {
  const { count = config.evaluation.count, seed = config.evaluation.seed, output } = request
  const { batch = 64, run, which, solver, steps, guidance } = request
  const choice = { run: run!, which, solver, steps, guidance, batch }
  const { generator, shape, step, sampler } = await openGenerator(choice, output)
  const progress = output.progress('images', count)
  try {
    const numbers = Array.from({ length: count }, (_, i) => i)
    const { pixels, evaluations } = await generator.generate({
      seed,
      images: numbers,
      ...(config.classes && { classes: numbers.map((i) => i % shape.classes.length) }),
      onProgress: (done) => progress.update(done),
    })
    progress.stop()
    output.say(
      `${count} images of step ${step} by ${sampler}, ${evaluations} evaluations of the network for each`,
    )
    return { ...shape, pixels, count }
  } finally {
    progress.stop()
    await generator.close()
  }
}

/** Images of a folder, as the real ones are. */
async function pictures(
  path: string,
  { height, width, colors }: ImageSet,
  { output, strict }: EvaluationRequest,
): Promise<Pixels> {
  if (height !== width) {
    throw new InputError(`The real images are ${width} × ${height} pixels, not square; give --size.`)
  }
  const read = await readImageFolder(path, {
    size: height,
    colors: colors as 1 | 3,
    strict,
    except: [GRID_FILE],
  })
  if (read.skipped.length > 0) {
    output.warn(`${read.skipped.length} images of ${path} are left out; the first: ${read.skipped[0]}`)
  }
  return read
}
