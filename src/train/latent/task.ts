import type { LatentConfig } from '../../config/latent.ts'
import { createCoupling } from '../../coupling/index.ts'
import type { ImageSet } from '../../data/images/image-set.ts'
import { validationMask } from '../../data/split.ts'
import type { Engine } from '../../engine/engine.ts'
import { embedTexts } from '../../pipeline/embed-texts.ts'
import type { PipelineFolder } from '../../pipeline/folder.ts'
import { openLatents } from '../../pipeline/latent-cache.ts'
import { Rng } from '../../random/rng.ts'
import type { Rows } from '../../rows.ts'
import type { RowSource, Samples, TrainingTask } from '../task.ts'
import { type LatentParts, latentParts } from './parts.ts'

/** A task of latent diffusion, and what its samples hang on. */
export interface LatentTask {
  readonly task: TrainingTask
  readonly parts: LatentParts
  /** Embedded captions of the classes, and the empty one, [classes + 1, C]. */
  readonly states: Rows
  /** Closes the file of the latents. */
  close(): Promise<void>
}

/**
 * The training task of latent diffusion: latents of a file, and the embedded captions of their classes.
 *
 * @param captions of the classes
 * @param latents path of the file
 */
export async function latentTask(
  config: LatentConfig,
  images: ImageSet,
  captions: readonly string[],
  pipeline: PipelineFolder,
  latents: string,
  engine: Engine,
): Promise<LatentTask> {
  const parts = latentParts(config, pipeline)
  const { network, process } = parts
  const data = await openLatents(latents, pipeline.vae, config.latents.sample)
  const states = await embedTexts(
    engine,
    pipeline.text,
    await pipeline.weights('text_encoder'),
    pipeline.tokenizer,
    [...captions, ''],
  )
  const empty = states.values.slice(captions.length * states.columns)
  const labels = images.labels!
  const labelOf = (i: number) => labels[i % images.count]
  const condition: RowSource = {
    rows: data.rows,
    columns: states.columns,
    gather(indices, out) {
      for (let i = 0; i < indices.length; i++) {
        const from = labelOf(indices[i]) * states.columns
        out.set(states.values.subarray(from, from + states.columns), i * states.columns)
      }
    },
  }
  const heldOut = validationMask(images.count, config.training.validationShare, Rng.seeded(config.seed))
  const samples = (wanted: number): Samples => {
    const chosen = Int32Array.from({ length: data.rows }, (_, i) => i).filter(
      (i) => heldOut[i % images.count] === wanted,
    )
    return {
      data: chosenRows(data, chosen),
      condition: chosenRows(condition, chosen),
      labels: chosen.map(labelOf),
    }
  }
  const validation = samples(1)
  const task: TrainingTask = {
    network,
    process,
    coupling: createCoupling(config.coupling),
    training: samples(0),
    ...(validation.data.rows > 0 && { validation }),
    ...(config.denoiser.from === 'pipeline' && { initial: () => pipeline.weights('unet') }),
    noiseOffset: config.noiseOffset,
    conditionDropout: { share: config.captions.dropout, empty },
  }
  return { task, parts, states, close: async () => data.close() }
}

function chosenRows(source: RowSource, chosen: Int32Array): RowSource {
  return {
    rows: chosen.length,
    columns: source.columns,
    gather: (indices, out, rng) =>
      source.gather(
        Array.from(indices, (i) => chosen[i]),
        out,
        rng,
      ),
  }
}
