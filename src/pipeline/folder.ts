import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { writeDurably, writeFolderAtomic } from '../atomic.ts'
import { InputError } from '../errors.ts'
import { type AutoencoderKl, autoencoderKl, autoencoderKlSchema } from '../models/autoencoder-kl.ts'
import { type ClipText, type ClipTextConfig, clipText, clipTextSchema } from '../models/clip-text.ts'
import type { HostParameters } from '../models/network.ts'
import type { Parameterized } from '../models/parameterized.ts'
import { type Unet2dCondition, unet2dCondition, unet2dConditionSchema } from '../models/unet2d-condition.ts'
import { type FloatStorage, storeTensors } from '../weights/safetensors.ts'
import { openWeights, type WeightsSource } from '../weights/source.ts'
import { type SchedulerConfig, schedulerSchema } from './scheduler.ts'
import { readTokenizer, type Tokenizer, type TokenizerFiles } from './tokenizer.ts'

/** The parts of a pipeline that have weights. */
export type WeightedPart = 'unet' | 'vae' | 'text_encoder'

/** A Stable Diffusion pipeline on disk, in diffusers' layout; weights are read when they are asked for. */
export interface PipelineFolder {
  readonly path: string
  readonly unet: Unet2dCondition
  readonly vae: AutoencoderKl
  readonly text: ClipText
  readonly tokenizer: Tokenizer
  readonly scheduler: SchedulerConfig
  /** Loads the weights of a part. @throws InputError listing all that is missing, unknown or misshapen */
  weights(part: WeightedPart): Promise<HostParameters>
  /** Looks at the files of some parts' weights without reading them. @throws InputError as {@link weights} */
  check(parts?: readonly WeightedPart[]): Promise<void>
}

/** Names that diffusers and transformers give to files of weights, without ending. */
const BASES: Readonly<Record<WeightedPart, readonly string[]>> = {
  unet: ['diffusion_pytorch_model', 'model'],
  vae: ['diffusion_pytorch_model', 'model'],
  text_encoder: ['model', 'pytorch_model'],
}

const WEIGHTED: readonly WeightedPart[] = ['unet', 'vae', 'text_encoder']
const INDEX = 'model_index.json'
const CLASSES = ['StableDiffusionPipeline', 'StableDiffusionImg2ImgPipeline']
const PARTS = ['unet', 'vae', 'text_encoder', 'tokenizer', 'scheduler'] as const

/**
 * Opens a pipeline in diffusers' layout: `model_index.json`, `unet/`, `vae/`, `text_encoder/`, `tokenizer/` and
 * `scheduler/`. Configs are read and checked against each other; weights are not yet read.
 *
 * @throws InputError naming the folder, file or key and what is wrong with it
 */
export async function openPipeline(path: string): Promise<PipelineFolder> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      `Cannot open the pipeline ${path} (${error.code}); give the folder of a diffusers pipeline.`,
    )
  })
  if (!names.includes(INDEX)) {
    throw new InputError(`${path} has no ${INDEX}; give the folder of a diffusers pipeline.`)
  }
  const index = (await readJson(join(path, INDEX))) as Record<string, unknown>
  if (!CLASSES.includes(String(index._class_name))) {
    throw new InputError(
      `${join(path, INDEX)} is of a ${index._class_name}, which is not supported; use a StableDiffusionPipeline.`,
    )
  }
  const missing = PARTS.filter((part) => !names.includes(part))
  if (missing.length > 0) {
    throw new InputError(
      `The pipeline ${path} lacks ${missing.map((part) => `${part}/`).join(', ')}; get it again.`,
    )
  }
  const read = <T extends z.ZodType>(part: string, file: string, schema: T) =>
    readConfig(join(path, part, file), schema)
  const unetConfig = await read('unet', 'config.json', unet2dConditionSchema)
  const vaeConfig = await read('vae', 'config.json', autoencoderKlSchema)
  const textConfig = await read('text_encoder', 'config.json', clipTextSchema)
  const scheduler = await read('scheduler', 'scheduler_config.json', schedulerSchema)
  const models = {
    unet: within(join(path, 'unet'), () => unet2dCondition(unetConfig)),
    vae: within(join(path, 'vae'), () => autoencoderKl(vaeConfig)),
    text: within(join(path, 'text_encoder'), () => clipText(textConfig)),
  }
  const tokenizer = await readTokenizer(join(path, 'tokenizer'))
  checkFit(path, models, tokenizer)
  const parts: Record<WeightedPart, Parameterized> = {
    unet: models.unet,
    vae: models.vae,
    text_encoder: models.text,
  }
  return {
    path,
    ...models,
    tokenizer,
    scheduler,
    weights: (part) => withWeights(join(path, part), BASES[part], parts[part].load),
    async check(some = WEIGHTED) {
      for (const part of some) await withWeights(join(path, part), BASES[part], parts[part].check)
    },
  }
}

/** Opens the weights in a part's folder for a moment. @throws InputError as {@link openWeights} */
async function withWeights<T>(
  folder: string,
  bases: readonly string[],
  use: (source: WeightsSource) => T,
): Promise<Awaited<T>> {
  const source = await openWeights(folder, bases)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}

/** An autoencoder in a folder of its own, as `vae/` of a pipeline is. */
export async function openAutoencoder(
  folder: string,
): Promise<{ readonly vae: AutoencoderKl; weights(): Promise<HostParameters> }> {
  const config = await readConfig(join(folder, 'config.json'), autoencoderKlSchema)
  const vae = within(folder, () => autoencoderKl(config))
  return { vae, weights: () => withWeights(folder, BASES.vae, vae.load) }
}

/** What {@link writePipeline} puts into a folder. A path stands for a part that is copied as it is. */
export interface PipelineContent {
  readonly unet: { readonly model: Unet2dCondition; readonly weights: HostParameters }
  readonly vae: string | { readonly model: AutoencoderKl; readonly weights: HostParameters }
  readonly text:
    | string
    | { readonly model: ClipText; readonly config: ClipTextConfig; readonly weights: HostParameters }
  readonly tokenizer: string | TokenizerFiles
  readonly scheduler: SchedulerConfig
}

/** The version of diffusers whose layout is written. */
const DIFFUSERS = '0.30.3'

/**
 * Writes a pipeline that diffusers loads, all of it or nothing. What stands at `path` is replaced.
 *
 * @param floats how new weights are stored; copied parts stay as they are
 */
export async function writePipeline(
  path: string,
  content: PipelineContent,
  floats: FloatStorage = 'F32',
): Promise<void> {
  const { unet, vae, text, tokenizer, scheduler } = content
  await writeFolderAtomic(path, async (aside) => {
    const into = (name: string) => join(aside, name)
    await writePart(into('unet'), unet.model.config, BASES.unet[0], unet.model, unet.weights, floats)
    if (typeof vae === 'string') await copyFolder(vae, into('vae'))
    else await writePart(into('vae'), vae.model.config, BASES.vae[0], vae.model, vae.weights, floats)
    if (typeof text === 'string') await copyFolder(text, into('text_encoder'))
    else {
      const config = { architectures: ['CLIPTextModel'], model_type: 'clip_text_model', ...text.config }
      await writePart(into('text_encoder'), config, BASES.text_encoder[0], text.model, text.weights, floats)
    }
    if (typeof tokenizer === 'string') await copyFolder(tokenizer, into('tokenizer'))
    else {
      await mkdir(into('tokenizer'))
      for (const [name, file] of Object.entries(tokenizer))
        await writeDurably(join(into('tokenizer'), name), file)
    }
    await mkdir(into('scheduler'))
    await writeDurably(
      join(into('scheduler'), 'scheduler_config.json'),
      json({ _diffusers_version: DIFFUSERS, ...scheduler }),
    )
    await writeDurably(
      into(INDEX),
      json({
        _class_name: 'StableDiffusionPipeline',
        _diffusers_version: DIFFUSERS,
        feature_extractor: [null, null],
        image_encoder: [null, null],
        requires_safety_checker: false,
        safety_checker: [null, null],
        scheduler: ['diffusers', scheduler._class_name],
        text_encoder: ['transformers', 'CLIPTextModel'],
        tokenizer: ['transformers', 'CLIPTokenizer'],
        unet: ['diffusers', 'UNet2DConditionModel'],
        vae: ['diffusers', 'AutoencoderKL'],
      }),
    )
  })
}

/** Writes an autoencoder as `vae/` of a pipeline, all of it or nothing. */
export async function writeAutoencoder(
  folder: string,
  vae: AutoencoderKl,
  weights: HostParameters,
  floats: FloatStorage = 'F32',
): Promise<void> {
  await writeFolderAtomic(folder, (aside) => writePart(aside, vae.config, BASES.vae[0], vae, weights, floats))
}

async function writePart(
  folder: string,
  config: object,
  base: string,
  part: Parameterized,
  weights: HostParameters,
  floats: FloatStorage,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeDurably(join(folder, 'config.json'), json({ _diffusers_version: DIFFUSERS, ...config }))
  const pieces = storeTensors(part.store(weights), { format: 'pt' }, floats)
  await writeDurably(join(folder, `${base}.safetensors`), pieces)
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) continue
    // Pickled twins of the weights are left behind.
    if (!/\.(bin|ckpt|pt|pth|msgpack|h5)$/.test(entry.name)) {
      await copyFile(join(from, entry.name), join(to, entry.name))
    }
  }
}

function checkFit(
  path: string,
  { unet, vae, text }: Pick<PipelineFolder, 'unet' | 'vae' | 'text'>,
  tokenizer: Tokenizer,
): void {
  const fail = (what: string) => {
    throw new InputError(`The parts of ${path} do not fit each other: ${what}; use parts of one pipeline.`)
  }
  if (unet.channels !== vae.latents) {
    fail(`unet/ takes ${unet.channels} channels and vae/ gives latents of ${vae.latents}`)
  }
  if (unet.config.out_channels !== vae.latents) {
    fail(`unet/ predicts ${unet.config.out_channels} channels of latents of ${vae.latents}`)
  }
  if (unet.contextWidth !== text.width) {
    fail(`unet/ attends to ${unet.contextWidth} numbers a token and text_encoder/ gives ${text.width}`)
  }
  if (tokenizer.size > text.vocabulary) {
    fail(`tokenizer/ has ${tokenizer.size} tokens and text_encoder/ knows ${text.vocabulary}`)
  }
  if (tokenizer.length > text.tokens) {
    fail(`tokenizer/ makes ${tokenizer.length} tokens a text and text_encoder/ takes ${text.tokens}`)
  }
}

async function readConfig<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
  const result = schema.safeParse(await readJson(path))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InputError(
    `${path}: "${issue.path.join('.')}" is not as it should be (${issue.message}); get it again.`,
  )
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`Cannot read ${path} (${error.code}); get the pipeline again.`)
  })
  try {
    const value = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw new InputError(`${path} is not a JSON object; get it again.`)
}

/** Says in which folder a config does not fit. */
function within<T>(folder: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${folder}: ${error.message}`, { cause: error })
    throw error
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
