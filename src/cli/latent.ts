import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import type { LatentConfig } from '../config/latent.ts'
import { loadImages } from '../data/images/load.ts'
import { checkSampler, createProcess, type SamplerConfig } from '../diffusion/index.ts'
import { createEngine } from '../engine/index.ts'
import { InputError, lookUp } from '../errors.ts'
import { gridPng, imagePng } from '../generate/grid.ts'
import { latentDenoiser } from '../models/latent-denoiser.ts'
import type { HostParameters } from '../models/network.ts'
import { embedTexts } from '../pipeline/embed-texts.ts'
import { decoderToOnnx, unetToOnnx } from '../pipeline/export-onnx.ts'
import { openPipeline, type PipelineFolder, writePipeline } from '../pipeline/folder.ts'
import { createLatentGenerator } from '../pipeline/latent-generator.ts'
import {
  LATENT_SAMPLERS,
  processFromScheduler,
  samplerFromScheduler,
  samplerOfScheduler,
  schedulerConfig,
} from '../pipeline/scheduler.ts'
import { rows } from '../rows.ts'
import { latestCheckpoint } from '../run/checkpoint.ts'
import { versions } from '../run/environment.ts'
import { classCaptions } from '../train/latent/captions.ts'
import { imageShape, type LatentParts, latentParts } from '../train/latent/parts.ts'
import { latentConfigOf, pipelinePath } from '../train/latent-run.ts'
import type { Output } from './output.ts'

/** What to sample, of what. */
export interface LatentSampling {
  /** A run, or */
  readonly run?: string
  /** a pipeline in diffusers' layout. */
  readonly pipeline?: string
  readonly count: number
  /** Names or numbers of classes; all in turn where absent. For a run. */
  readonly classes: readonly string[]
  /** Texts instead of classes. */
  readonly prompts: readonly string[]
  readonly negative: string
  readonly guidance?: number
  readonly sampler?: string
  readonly steps?: number
  readonly seed: number
  readonly size?: number
  readonly batch?: number
  readonly out?: string
}

/**
 * Makes images, one folder for each text: image n is of text n modulo their number, with random numbers of its own.
 * Images that are there already are left, so that a stopped command goes on where it was.
 */
export async function sampleLatent(options: LatentSampling, output: Output): Promise<void> {
  const made = await opened(options)
  const { pipeline, parts, config } = made
  const { count, seed, negative } = options
  const guidance = options.guidance ?? config?.samples.guidance ?? 7.5
  const batch = Math.min(count, options.batch ?? config?.samples.batch ?? 1)
  const { out } = options
  if (out === undefined) throw new InputError('Where shall the images go? Give a folder with --out.')
  const sampler = samplerOf(options, pipeline, config)
  checkSampler(sampler, parts.process)
  const texts = await textsOf(options, config)
  const folders = texts.map(({ name }, i) => `${String(i).padStart(4, '0')}-${slug(name)}`)
  const fileOf = (n: number) => join(out, folders[n % texts.length], `${String(n).padStart(6, '0')}.png`)
  const settings = {
    seed,
    count,
    texts: texts.map(({ caption }) => caption),
    negative,
    guidance,
    sampler,
    batch,
    weights: made.from,
    versions: versions(),
  }
  await checkSettings(join(out, 'settings.json'), settings)
  const wanted = Array.from({ length: count }, (_, n) => n).filter((n) => !existsSync(fileOf(n)))
  if (wanted.length < count) output.say(`${count - wanted.length} of ${count} images are there already`)
  const engine = await createEngine(config ? { engine: config.engine.name, ...config.engine } : {})
  const states = await embedTexts(
    engine,
    pipeline.text,
    await pipeline.weights('text_encoder'),
    pipeline.tokenizer,
    [...texts.map(({ caption }) => caption), negative],
  )
  const row = (i: number) => states.values.subarray(i * states.columns, (i + 1) * states.columns)
  const generator = await createLatentGenerator({
    engine,
    network: parts.network,
    vae: pipeline.vae,
    weights: { denoiser: made.weights, vae: await pipeline.weights('vae') },
    process: parts.process,
    sampler,
    height: parts.height,
    width: parts.width,
    batch,
  })
  const shape = imageShape(pipeline.vae, parts.height, parts.width)
  const size = shape.height * shape.width * shape.colors
  const progress = output.progress('images', count, count - wanted.length)
  for (const folder of folders) await mkdir(join(out, folder), { recursive: true })
  const shown: Uint8Array[] = []
  try {
    for (let first = 0; first < wanted.length; first += batch) {
      const images = wanted.slice(first, first + batch)
      const conditions = rows(new Float32Array(images.length * states.columns), images.length, states.columns)
      images.forEach((n, i) => {
        conditions.values.set(row(n % texts.length), i * states.columns)
      })
      const pixels = await generator.generate({
        seed,
        images,
        conditions,
        negative: row(texts.length),
        guidance,
      })
      for (const [i, n] of images.entries()) {
        const image = pixels.slice(i * size, (i + 1) * size)
        await writeFileAtomic(fileOf(n), await imagePng(image, shape))
        if (shown.length < 100) shown.push(image)
      }
      progress.update(count - wanted.length + first + images.length)
    }
  } finally {
    progress.stop()
    await generator.close()
  }
  if (shown.length > 0) {
    const all = new Uint8Array(shown.length * size)
    shown.forEach((image, i) => {
      all.set(image, i * size)
    })
    await writeFileAtomic(join(out, 'grid.png'), await gridPng(all, shape, Math.min(10, texts.length)))
  }
  output.say(`${count} images in ${out}`)
  output.record({ type: 'samples', path: out, count })
}

/** What to export where. */
export interface LatentExport {
  readonly run: string
  readonly out: string
  readonly half: boolean
  readonly onnx: boolean
}

/** Writes a run's averaged weights as a pipeline that diffusers loads, and as ONNX models beside it. */
export async function exportLatent({ run, out, half, onnx }: LatentExport, output: Output): Promise<void> {
  const { pipeline, parts, weights } = await opened({ run })
  if (existsSync(out)) throw new InputError(`There is something in ${out} already; choose another folder.`)
  const base = pipeline.path
  await writePipeline(
    out,
    {
      unet: { model: parts.unet, weights },
      vae: join(base, 'vae'),
      text: join(base, 'text_encoder'),
      tokenizer: join(base, 'tokenizer'),
      scheduler: schedulerConfig(parts.processConfig, pipeline.scheduler),
    },
    half ? 'F16' : 'F32',
  )
  output.say(`diffusers pipeline in ${out}`)
  if (onnx) {
    const { height, width } = parts
    const shape = { batch: 1, height, width, tokens: pipeline.tokenizer.length }
    const files = {
      unet: unetToOnnx(parts.unet, weights, shape),
      vae_decoder: decoderToOnnx(pipeline.vae, await pipeline.weights('vae'), shape),
    }
    for (const [part, { model, weights: beside }] of Object.entries(files)) {
      const path = join(out, part, 'model.onnx')
      if (beside) await writeFileAtomic(join(out, part, beside.name), beside.pieces)
      await writeFileAtomic(path, model)
      output.say(`ONNX model in ${path}`)
    }
  }
  output.record({ type: 'export', path: out })
}

type Opened = {
  readonly pipeline: PipelineFolder
  readonly parts: LatentParts
  readonly weights: HostParameters
  readonly config?: LatentConfig
  /** Whose weights they are. */
  readonly from: string
}

async function opened({
  run,
  pipeline: folder,
  size,
}: Pick<LatentSampling, 'run' | 'pipeline' | 'size'>): Promise<Opened> {
  if (run !== undefined && folder === undefined) {
    const config = await latentConfigOf(run)
    const path = pipelinePath(run, config)
    const { checkpoint } = await latestCheckpoint(join(run, 'checkpoints'), ['average'])
    if (!checkpoint) throw new InputError(`${run} has no checkpoint that can be used; train it first.`)
    const pipeline = await openPipeline(path)
    const parts = latentParts(config, pipeline)
    return {
      pipeline,
      parts,
      config,
      weights: parts.network.fromStateDict(checkpoint.tensors.average, checkpoint.path),
      from: `${run}, step ${checkpoint.manifest.step}`,
    }
  }
  if (folder === undefined || run !== undefined) {
    throw new InputError(
      'Give either the folder of a run or that of a pipeline: --run DIR or --pipeline DIR.',
    )
  }
  const pipeline = await openPipeline(folder)
  await pipeline.check()
  const { unet, vae } = pipeline
  const { sample_size: stored } = unet.config
  const [height, width] =
    size !== undefined
      ? [size / vae.factor, size / vae.factor]
      : typeof stored === 'number'
        ? [stored, stored]
        : stored
  if (!Number.isInteger(height)) {
    throw new InputError(
      `--size ${size} is not a multiple of the ${vae.factor} pixels of a latent; choose one that is.`,
    )
  }
  const network = latentDenoiser(unet, { height, width, tokens: pipeline.tokenizer.length })
  const processConfig = processFromScheduler(pipeline.scheduler, `${folder}/scheduler`)
  const parts = { unet, network, processConfig, process: createProcess(processConfig), height, width }
  return { pipeline, parts, weights: await pipeline.weights('unet'), from: folder }
}

function samplerOf(
  { sampler, steps }: Pick<LatentSampling, 'sampler' | 'steps'>,
  { scheduler, path }: PipelineFolder,
  config: LatentConfig | undefined,
): SamplerConfig {
  if (sampler === undefined && config) {
    return { ...config.sampler, ...(steps !== undefined && { steps }) } as SamplerConfig
  }
  const names = Object.fromEntries(LATENT_SAMPLERS.map((name) => [name, name]))
  const name = sampler === undefined ? samplerOfScheduler(scheduler, path) : lookUp('sampler', names, sampler)
  return samplerFromScheduler(name, steps ?? 20, scheduler)
}

/** The texts to make images of, with the names of their folders. */
async function textsOf(
  { classes, prompts }: Pick<LatentSampling, 'classes' | 'prompts'>,
  config: LatentConfig | undefined,
): Promise<{ readonly name: string; readonly caption: string }[]> {
  if (prompts.length > 0) return prompts.map((prompt) => ({ name: prompt, caption: prompt }))
  if (!config)
    throw new InputError('What shall be made? A pipeline knows no classes; give texts with --prompt.')
  const images = await loadImages(config.images.source, config.images.size)
  const { names, captions } = await classCaptions(config, images)
  const all = names.map((name, i) => ({ name, caption: captions[i] }))
  if (classes.length === 0) return all
  return classes.map((wanted) => {
    const named = all.filter(({ name }) => name === wanted)
    if (named.length === 1) return named[0]
    if (named.length > 1) {
      const numbers = all.flatMap(({ name }, i) => (name === wanted ? [i] : []))
      throw new InputError(
        `${named.length} classes are named "${wanted}"; say which by its number: ${numbers.join(' or ')}.`,
      )
    }
    if (/^\d+$/.test(wanted) && Number(wanted) < all.length) return all[Number(wanted)]
    return lookUp('class', Object.fromEntries(all.map((each) => [each.name, each])), wanted)
  })
}

/** Images of other settings shall not be mixed up in one folder. */
async function checkSettings(path: string, settings: object): Promise<void> {
  const text = `${JSON.stringify(settings, undefined, 2)}\n`
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before !== undefined && before !== text) {
    throw new InputError(
      `${path} tells of images made with other settings; choose another folder with --out.`,
    )
  }
  await writeFileAtomic(path, text)
}

/** A name of a folder on any disk. */
function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
  return plain.slice(0, 40) || 'text'
}
