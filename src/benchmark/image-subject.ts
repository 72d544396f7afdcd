import { type ImageConfig, imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import type { ImageSet } from '../data/images/image-set.ts'
import { loadImages } from '../data/images/load.ts'
import type { Engine } from '../engine/index.ts'
import { createGenerator, type Generator } from '../generate/generator.ts'
import { gridPng } from '../generate/grid.ts'
import { readCheckpoint } from '../run/checkpoint.ts'
import { type ImageJudge, imageJudge } from '../train/image-judge.ts'
import { trainImageRun } from '../train/image-run.ts'
import { imageTask } from '../train/image-task.ts'
import type { Job } from './job.ts'
import { type Subject, sharingCompiled, type Trained } from './subject.ts'

/** Images made in one call of the network, at most. */
const BATCH = 100
/** Images on a sheet. */
const SHOWN = 40
const COLUMNS = 10

/** Image generators, measured by how near their images are to the real ones. */
export function imageSubject(job: Job<ImageConfig>, folder: string, engine: Engine): Subject {
  const config = parseConfig(imageSchema, job.config, 'config')
  return {
    train: (resume, signal) => trainImageRun({ folder, ...(!resume && { config }) }, signal),
    async open(checkpoint) {
      const { tensors } = await readCheckpoint(checkpoint, ['average'])
      const { images, judge } = await measured(config, engine)
      return openGenerator(config, images, judge, tensors.average, engine)
    },
    trainingTask: async () => imageTask(config, (await measured(config, engine)).images),
  }
}

type Measured = Promise<{ readonly images: ImageSet; readonly judge: ImageJudge }>

/** Real images and what is measured by, which takes a classifier's training: once for all jobs of a worker. */
const made = new Map<string, Measured>()

function measured({ images: { source, size }, evaluation: { features } }: ImageConfig, engine: Engine) {
  const key = JSON.stringify([source, size, features])
  const load = async () => {
    const images = await loadImages(source, size)
    return { images, judge: await imageJudge(features, images, engine) }
  }
  const one = made.get(key) ?? load()
  made.set(key, one)
  return one
}

function openGenerator(
  config: ImageConfig,
  images: ImageSet,
  judge: ImageJudge,
  average: Parameters<ReturnType<typeof imageTask>['network']['fromStateDict']>[0],
  engine: Engine,
): Trained {
  const { network, process } = imageTask(config, images)
  const parameters = network.fromStateDict(average)
  const shared = sharingCompiled(engine)
  const { count, seed } = config.evaluation
  const generators: Generator[] = []
  const make = async (evaluations: number, some: number) => {
    const generator = createGenerator({
      network,
      parameters,
      process,
      sampler: { ...config.sampler, steps: evaluations } as ImageConfig['sampler'],
      engine: shared,
      scale: config.images.scale,
      guidance: config.classes?.guidance,
      batch: Math.min(BATCH, count),
    })
    generators.push(generator)
    const numbers = Array.from({ length: some }, (_, i) => i)
    const classes = config.classes && numbers.map((i) => i % images.classes.length)
    return (await generator.generate({ seed, images: numbers, ...(classes && { classes }) })).pixels
  }
  return {
    async evaluate(evaluations) {
      const pixels = await make(evaluations, count)
      const figures = await judge.judge({ ...images, pixels, count })
      return { type: 'images', evaluations, images: count, ...figures }
    },
    async show(all) {
      const pictures: Record<string, string> = {}
      for (const evaluations of all) {
        const pixels = await make(evaluations, Math.min(SHOWN, count))
        pictures[evaluations] = Buffer.from(await gridPng(pixels, images, COLUMNS)).toString('base64')
      }
      return { pictures }
    },
    // All share what the first compiled.
    close: async () => generators[0]?.close(),
  }
}
