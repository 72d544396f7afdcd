import type { LatentConfig } from '../../config/latent.ts'
import type { ImageSet } from '../../data/images/image-set.ts'
import type { Engine } from '../../engine/engine.ts'
import { gridPng } from '../../generate/grid.ts'
import type { PipelineFolder } from '../../pipeline/folder.ts'
import { createLatentGenerator } from '../../pipeline/latent-generator.ts'
import { type Rows, rows } from '../../rows.ts'
import { denoisingCourse } from '../loop.ts'
import type { Occasion, RunWork } from '../run.ts'
import { saveGrid } from '../sample-grid.ts'
import { imageShape, type LatentParts } from './parts.ts'
import { latentTask } from './task.ts'

/** The run's training with all that it needs. */
export async function latentWork(
  config: LatentConfig,
  images: ImageSet,
  captions: readonly string[],
  pipeline: PipelineFolder,
  latents: string,
  engine: Engine,
): Promise<RunWork> {
  const { task, parts, states, close } = await latentTask(config, images, captions, pipeline, latents, engine)
  const { network, coupling } = task
  const warnings = [
    ...(images.skipped.length > 0
      ? [`${images.skipped.length} images of ${images.name} are left out; the first: ${images.skipped[0]}`]
      : []),
    ...(coupling.conditionBlind
      ? [
          `The coupling ${coupling.name} ignores the class, as the papers' do, so the noise may tell it in training but not when sampling; "grouped" does not.`,
        ]
      : []),
  ]
  return {
    network,
    course: { ...denoisingCourse(task), warnings },
    training: config.training,
    seed: config.seed,
    engine,
    samples: task.training.data.rows,
    occasions: [grids(config, pipeline, parts, states, captions.length, engine)],
    close,
  }
}

/** Writes `samples/step-….png`, of the same noise every time. Classes take turns. */
function grids(
  config: LatentConfig,
  pipeline: PipelineFolder,
  { network, process, height, width }: LatentParts,
  states: Rows,
  classes: number,
  engine: Engine,
): Occasion {
  const { every, count, seed, guidance, batch } = config.samples
  const row = (i: number) => states.values.subarray(i * states.columns, (i + 1) * states.columns)
  return {
    every,
    checkpoint: false,
    async *act(parameters, step, run) {
      // The frozen decoder is in memory only while it is needed.
      const generator = await createLatentGenerator({
        engine,
        network,
        vae: pipeline.vae,
        weights: { denoiser: parameters, vae: await pipeline.weights('vae') },
        process,
        sampler: config.sampler,
        height,
        width,
        batch: Math.min(batch, count),
      })
      const numbers = Array.from({ length: count }, (_, i) => i)
      const conditions = rows(new Float32Array(count * states.columns), count, states.columns)
      for (const i of numbers) conditions.values.set(row(i % classes), i * states.columns)
      try {
        const pixels = await generator.generate({
          seed,
          images: numbers,
          conditions,
          negative: row(classes),
          guidance,
        })
        yield await saveGrid(
          run,
          step,
          await gridPng(pixels, imageShape(pipeline.vae, height, width), Math.min(count, classes)),
        )
        return {}
      } finally {
        await generator.close()
      }
    },
  }
}
