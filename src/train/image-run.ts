import { type ImageConfig, imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import type { ImageSet } from '../data/images/image-set.ts'
import { loadImages } from '../data/images/load.ts'
import { createEngine, type Engine } from '../engine/index.ts'
import { createGenerator } from '../generate/generator.ts'
import { gridPng } from '../generate/grid.ts'
import { imageShape, SHAPE_FILE } from '../generate/parts.ts'
import type { HostParameters } from '../models/network.ts'
import { type ImageJudge, imageJudge } from './image-judge.ts'
import { imageTask } from './image-task.ts'
import { denoisingCourse } from './loop.ts'
import { type Occasion, type Prepare, trainRun } from './run.ts'
import type { RunEvent } from './run-events.ts'
import { saveGrid } from './sample-grid.ts'
import type { TrainingTask } from './task.ts'

/** The figure by which the best checkpoints are kept. */
export const IMAGE_RANKING = { metric: 'frechet', better: 'lower' } as const

/** What to train where; plain data, so that it can be sent to a thread. */
export interface ImageRunRequest {
  readonly folder: string
  /** Config of a new run; absent to go on with the one in the folder. */
  readonly config?: ImageConfig
}

/** Trains an image generator in a run folder, with grids of samples now and then, as {@link trainRun} does. */
export async function* trainImageRun(
  request: ImageRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  yield* trainRun(request, prepare, signal)
}

const prepare: Prepare = async (given, source) => {
  const config = parseConfig(imageSchema, given, source)
  const images = await loadImages(config.images.source, config.images.size)
  const task = imageTask(config, images)
  const { name, device, threads } = config.engine
  const engine = await createEngine({ engine: name, device, threads })
  const course = denoisingCourse(task)
  return {
    network: task.network,
    course: { ...course, warnings: [...(course.warnings ?? []), ...skippedImages(images)] },
    training: config.training,
    seed: config.seed,
    engine,
    samples: task.training.data.rows,
    notes: { [SHAPE_FILE]: imageShape(images) },
    occasions: [grids(config, images, task, engine), figures(config, images, task, engine)],
    ranking: IMAGE_RANKING,
  }
}

function skippedImages({ skipped, name }: ImageSet): string[] {
  if (skipped.length === 0) return []
  return [`${skipped.length} images of ${name} are left out; the first: ${skipped[0]}`]
}

/** Writes `samples/step-….png`, of the same noise every time. Classes take turns. */
function grids(config: ImageConfig, images: ImageSet, task: TrainingTask, engine: Engine): Occasion {
  const { every, count, seed } = config.samples
  return {
    every,
    checkpoint: false,
    async *act(parameters, step, run) {
      const pixels = await sampled(config, images, task, engine, { parameters, count, seed, batch: count })
      yield await saveGrid(run, step, await gridPng(pixels, images))
      return {}
    },
  }
}

/** Measures samples against the real images. */
function figures(config: ImageConfig, images: ImageSet, task: TrainingTask, engine: Engine): Occasion {
  const { count, seed, features } = config.evaluation
  let judge: Promise<ImageJudge> | undefined
  return {
    every: config.training.evaluateEvery,
    checkpoint: true,
    async *act(parameters, step) {
      yield { type: 'evaluating', step, done: 0, total: count }
      judge ??= imageJudge(features, images, engine)
      const pixels = await sampled(config, images, task, engine, {
        parameters,
        count,
        seed,
        batch: Math.min(64, count),
      })
      const found = await (await judge).judge({ ...images, pixels, count })
      const named = Object.fromEntries(
        Object.entries(found).map(([name, value]) => [`evaluation/${name}`, value]),
      )
      yield { type: 'figures', step, figures: named }
      return named
    },
  }
}

async function sampled(
  config: ImageConfig,
  images: ImageSet,
  { network, process }: TrainingTask,
  engine: Engine,
  request: {
    readonly parameters: HostParameters
    readonly count: number
    readonly seed: number
    readonly batch: number
  },
): Promise<Uint8Array> {
  const { parameters, count, seed, batch } = request
  const { sampler, classes } = config
  const { scale } = config.images
  const guidance = classes?.guidance
  const generator = createGenerator({
    network,
    parameters,
    process,
    sampler,
    engine,
    scale,
    guidance,
    batch,
  })
  const numbers = Array.from({ length: count }, (_, i) => i)
  try {
    const { pixels } = await generator.generate({
      seed,
      images: numbers,
      ...(classes && { classes: numbers.map((i) => i % images.classes.length) }),
    })
    return pixels
  } finally {
    await generator.close()
  }
}
