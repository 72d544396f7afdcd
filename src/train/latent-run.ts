import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { type LatentConfig, latentSchema } from '../config/latent.ts'
import { parseConfig } from '../config/parse.ts'
import { loadImages } from '../data/images/load.ts'
import { createEngine } from '../engine/index.ts'
import { InputError } from '../errors.ts'
import { openPipeline, type PipelineFolder } from '../pipeline/folder.ts'
import { PARTS, readRun } from '../run/run-folder.ts'
import { makePipeline, ownNetworks } from './latent/autoencoder-stage.ts'
import { classCaptions } from './latent/captions.ts'
import { latentWork } from './latent/denoiser-stage.ts'
import { cacheLatents } from './latent/latents-stage.ts'
import { latentParts } from './latent/parts.ts'
import { type Prepare, trainRun } from './run.ts'
import type { RunEvent } from './run-events.ts'

/** What to train where; plain data, so that it can be sent to a thread. */
export interface LatentRunRequest {
  readonly folder: string
  /** Config of a new run; absent to go on with the one in the folder. */
  readonly config?: LatentConfig
}

/**
 * Trains latent diffusion in a run folder. What it needs is made before in `parts/`, unless it is there: an
 * autoencoder (a run of its own), the pipeline that it is part of, and the latents of all images.
 *
 * @throws InputError for a config, pipeline or images that cannot be used
 */
export async function* trainLatentRun(
  { folder, config: given }: LatentRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const config = given ?? (await latentConfigOf(folder))
  const begun = existsSync(join(folder, 'config.json'))
  if (given) await refuseOther(folder, given)
  const images = await loadImages(config.images.source, config.images.size)
  const { captions } = await classCaptions(config, images)
  // Mistakes are found before there is a folder.
  if (config.pipeline !== null) await checkPipeline(config, await openPipeline(config.pipeline))
  const own = config.pipeline === null ? ownNetworks(config, images, captions) : undefined
  if (!begun) await writeFileAtomic(partsConfig(folder), `${JSON.stringify(config, undefined, 2)}\n`)
  const { name, device, threads } = config.engine
  const engine = await createEngine({ engine: name, device, threads })
  const base = pipelinePath(folder, config)
  if (own && !isPipeline(base)) {
    const made = yield* makePipeline(folder, config, images, own, engine, signal)
    if (!made) return
  }
  const pipeline = await openPipeline(base)
  const latents = yield* cacheLatents(folder, config, images, pipeline, engine)
  const prepare: Prepare = async () => latentWork(config, images, captions, pipeline, latents, engine)
  yield* trainRun({ folder, ...(!begun && { config }) }, prepare, signal)
}

/** Mistakes shall not come up after all images are encoded. */
async function checkPipeline(config: LatentConfig, pipeline: PipelineFolder): Promise<void> {
  latentParts(config, pipeline)
  await pipeline.check([
    'vae',
    'text_encoder',
    ...(config.denoiser.from === 'pipeline' ? ['unet' as const] : []),
  ])
}

/** The config of a run of latent diffusion, also of one whose parts only are begun. @throws InputError for a folder that holds none */
export async function latentConfigOf(folder: string): Promise<LatentConfig> {
  const early = partsConfig(folder)
  if (!existsSync(join(folder, 'config.json')) && existsSync(early)) {
    return parseConfig(latentSchema, JSON.parse(await readFile(early, 'utf8')), early)
  }
  const { config } = await readRun(folder)
  return parseConfig(latentSchema, config, `${folder}/config.json`)
}

/** The config as long as its run has not begun. */
function partsConfig(folder: string): string {
  return join(folder, PARTS, 'config.json')
}

async function refuseOther(folder: string, config: LatentConfig): Promise<void> {
  if (existsSync(join(folder, 'config.json'))) {
    throw new InputError(`There is a run in ${folder} already; resume it, or choose another folder.`)
  }
  const early = await readFile(partsConfig(folder), 'utf8').catch(() => undefined)
  if (early !== undefined && JSON.stringify(JSON.parse(early)) !== JSON.stringify(config)) {
    throw new InputError(
      `${join(folder, PARTS)} was begun with other settings; resume it, delete it, or choose another folder.`,
    )
  }
}

/** Where the frozen parts of a run lie. */
export function pipelinePath(folder: string, config: LatentConfig): string {
  return config.pipeline ?? join(folder, PARTS, 'pipeline')
}

/** Whether a folder holds a pipeline. */
function isPipeline(path: string): boolean {
  return existsSync(join(path, 'model_index.json'))
}
