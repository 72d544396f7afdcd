import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { type LatentConfig, latentSchema } from '../config/latent.ts'
import { parseConfig } from '../config/parse.ts'
import { createCoupling } from '../coupling/index.ts'
import { type ImageSet, selectImages } from '../data/images/image-set.ts'
import { loadImages } from '../data/images/load.ts'
import { invertMask, validationMask } from '../data/split.ts'
import { createEngine, type Engine, type HostTensor, type TensorFunction } from '../engine/index.ts'
import { float32, sizeOf } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import { InputError } from '../errors.ts'
import { gridPng } from '../generate/grid.ts'
import { type AutoencoderKl, autoencoderKl, autoencoderKlSchema } from '../models/autoencoder-kl.ts'
import { type ClipTextConfig, clipText, clipTextSchema } from '../models/clip-text.ts'
import type { HostParameters, Parameters } from '../models/network.ts'
import { unet2dCondition } from '../models/unet2d-condition.ts'
import { embedTexts } from '../pipeline/embed-texts.ts'
import { openPipeline, type PipelineFolder, writePipeline } from '../pipeline/folder.ts'
import { cacheKey, openLatents, writeLatents } from '../pipeline/latent-cache.ts'
import { createLatentGenerator } from '../pipeline/latent-generator.ts'
import { schedulerConfig } from '../pipeline/scheduler.ts'
import { byteTokenizerFiles } from '../pipeline/tokenizer.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'
import { latestCheckpoint } from '../run/checkpoint.ts'
import { PARTS, readRun } from '../run/run-folder.ts'
import { autoencoderCourse } from './autoencoder-course.ts'
import {
  channelRows,
  classCaptions,
  isPipeline,
  type LatentParts,
  latentParts,
  latentProcess,
  latentsKey,
  toEncode,
  unetConfig,
} from './latent-parts.ts'
import { denoisingCourse } from './loop.ts'
import { type Occasion, type Prepare, trainRun } from './run.ts'
import type { RunEvent } from './run-events.ts'
import type { RowSource, Samples, TrainingTask } from './task.ts'

/** What to train where; plain data, so that it can be sent to a thread. */
export interface LatentRunRequest {
  readonly folder: string
  /** Config of a new run; absent to go on with the one in the folder. */
  readonly config?: LatentConfig
}

/** No figure ranks checkpoints of latent diffusion: the newest are kept. */
const RANKING = { metric: 'frechet', better: 'lower' } as const

/** Images by which the scale of an autoencoder's latents is measured, at most. */
const MEASURED = 512

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
  if (config.pipeline !== null) latentParts(config, await openPipeline(config.pipeline))
  if (!begun) await writeFileAtomic(partsConfig(folder), `${JSON.stringify(config, undefined, 2)}\n`)
  const { name, device, threads } = config.engine
  const engine = await createEngine({ engine: name, device, threads })
  const base = pipelinePath(folder, config)
  if (config.pipeline === null && !isPipeline(base)) {
    const made = yield* makePipeline(folder, config, images, captions, engine, signal)
    if (!made) return
  }
  const pipeline = await openPipeline(base)
  const latents = yield* cacheLatents(folder, config, images, pipeline, engine)
  const prepare: Prepare = async () => latentWork(config, images, captions, pipeline, latents, engine)
  yield* trainRun({ folder, ...(!begun && { config }) }, prepare, signal)
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

/** The run's training with all that it needs. */
async function latentWork(
  config: LatentConfig,
  images: ImageSet,
  captions: readonly string[],
  pipeline: PipelineFolder,
  latents: string,
  engine: Engine,
) {
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
    ranking: RANKING,
    close,
  }
}

/** Writes `samples/step-….png`, of the same noise every time. Classes take turns. */
function grids(
  config: LatentConfig,
  pipeline: PipelineFolder,
  { network, process, height, width }: ReturnType<typeof latentParts>,
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
        const path = join(run.path, 'samples', `step-${String(step).padStart(8, '0')}.png`)
        await writeFileAtomic(
          path,
          await gridPng(pixels, imageShape(pipeline.vae, height, width), Math.min(count, classes)),
        )
        yield { type: 'samples', step, path }
        return {}
      } finally {
        await generator.close()
      }
    },
  }
}

/** Sizes of the images that latents of `height` × `width` become. */
export function imageShape(vae: AutoencoderKl, height: number, width: number) {
  return {
    height: height * vae.factor,
    width: width * vae.factor,
    colors: vae.config.out_channels,
    classes: [],
  }
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

/** The file of a run's latents. */
export function latentsPath(folder: string): string {
  return join(folder, PARTS, 'latents.safetensors')
}

/** Encodes all images, unless that was done. @returns the file of their latents */
async function* cacheLatents(
  folder: string,
  config: LatentConfig,
  images: ImageSet,
  pipeline: PipelineFolder,
  engine: Engine,
): AsyncGenerator<RunEvent, string> {
  const path = latentsPath(folder)
  const key = await latentsKey(images, config.images.flip, join(pipeline.path, 'vae'))
  if ((await cacheKey(path)) === key) return path
  const all = toEncode(images, pipeline.vae.channels, config.images.flip)
  yield { type: 'stage', name: 'latents', total: all.count }
  await writeLatents(path, {
    engine,
    vae: pipeline.vae,
    weights: await pipeline.weights('vae'),
    images: all,
    batch: config.latents.batch,
    key,
  })
  return path
}

/** Trains an autoencoder and writes the pipeline that it is part of. @returns whether that was not stopped */
async function* makePipeline(
  folder: string,
  config: LatentConfig,
  images: ImageSet,
  captions: readonly string[],
  engine: Engine,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent, boolean> {
  const { autoencoder: settings, seed } = config
  const type = (name: string) => settings.widths.map(() => name)
  const vae = autoencoderKl(
    autoencoderKlSchema.parse({
      in_channels: images.colors,
      out_channels: images.colors,
      latent_channels: settings.channels,
      block_out_channels: settings.widths,
      layers_per_block: settings.layers,
      norm_num_groups: settings.groups,
      sample_size: config.images.size,
      down_block_types: type('DownEncoderBlock2D'),
      up_block_types: type('UpDecoderBlock2D'),
    }),
  )
  if (config.images.size % vae.factor !== 0) {
    throw new InputError(
      `images.size is ${config.images.size}, which is not a multiple of the ${vae.factor} pixels of a latent; choose one that is.`,
    )
  }
  const side = config.images.size / vae.factor
  const text = textConfig(config, captions)
  // Mistakes in the denoiser's settings shall not come up after the autoencoder's training.
  const unet = unet2dCondition(unetConfig(config, { vae, text: { width: text.hidden_size } }, side))
  const heldOut = validationMask(images.count, settings.training.validationShare, Rng.seeded(seed))
  const part = (mask: Uint8Array) =>
    selectImages(
      images,
      Int32Array.from({ length: images.count }, (_, i) => i).filter((i) => mask[i] === 1),
    )
  const [training, validation] = [invertMask(heldOut), heldOut].map((mask) =>
    channelRows(part(mask), vae.channels),
  )
  const task = {
    vae,
    height: config.images.size,
    width: config.images.size,
    images: training,
    validation,
    divergence: settings.divergence,
  }
  const own = join(folder, PARTS, 'autoencoder')
  const wanted = { images: config.images, seed, autoencoder: settings, engine: config.engine }
  const begun = existsSync(join(own, 'config.json'))
  yield { type: 'stage', name: 'autoencoder', total: settings.training.steps }
  const prepare: Prepare = async () => ({
    network: vae,
    course: autoencoderCourse(task),
    training: settings.training,
    seed,
    engine,
    samples: training.rows,
    occasions: [reconstructions(vae, part(heldOut), config, engine)],
    ranking: RANKING,
  })
  for await (const event of trainRun({ folder: own, ...(!begun && { config: wanted }) }, prepare, signal)) {
    yield event
    if (event.type === 'finished' && !event.complete) return false
  }
  const { checkpoint } = await latestCheckpoint(join(own, 'checkpoints'))
  if (!checkpoint)
    throw new InputError(`${own} has no checkpoint that can be used; delete it and start again.`)
  const weights = vae.fromStateDict(checkpoint.tensors.average)
  const deviation = await latentDeviation(vae, weights, training, config, engine)
  const scaled = autoencoderKl({ ...vae.config, scaling_factor: 1 / deviation })
  const rng = Rng.seeded(seed)
  const encoder = clipText(text)
  await writePipeline(join(folder, PARTS, 'pipeline'), {
    unet: { model: unet, weights: unet.init(rng.fork('weights')) },
    vae: { model: scaled, weights },
    text: { model: encoder, config: text, weights: encoder.init(rng.fork('text')) },
    tokenizer: byteTokenizerFiles(text.max_position_embeddings),
    scheduler: schedulerConfig(latentProcess(config, undefined)),
  })
  return true
}

/** A text encoder that has room for the captions, one token a byte. */
function textConfig({ text }: LatentConfig, captions: readonly string[]): ClipTextConfig {
  const longest = Math.max(...captions.map((caption) => Buffer.byteLength(caption)))
  return clipTextSchema.parse({
    vocab_size: 514,
    hidden_size: text.width,
    intermediate_size: 4 * text.width,
    num_hidden_layers: text.layers,
    num_attention_heads: text.heads,
    max_position_embeddings: Math.min(77, longest + 2),
    bos_token_id: 512,
    eos_token_id: 513,
    pad_token_id: 513,
  })
}

/** Standard deviation of latents drawn from the posteriors of training images. */
async function latentDeviation(
  vae: AutoencoderKl,
  weights: HostParameters,
  images: RowSource,
  { images: { size }, seed, latents: { batch } }: LatentConfig,
  engine: Engine,
): Promise<number> {
  const encode: TensorFunction = (inputs) => {
    const { mean, logVariance } = vae.encode(inputs.parameters as Parameters, inputs.images as tf.Tensor)
    return { mean, logVariance }
  }
  const shape = [batch, size, size, vae.channels]
  const compiled = await engine.compile('encode', encode, {
    parameters: vae.parameters,
    images: float32(...shape),
  })
  const rng = Rng.seeded(seed).fork('scale')
  let [sum, squares, count] = [0, 0, 0]
  try {
    for (let first = 0; first < Math.min(MEASURED, images.rows); first += batch) {
      const values = new Float32Array(sizeOf(shape))
      const picked = Int32Array.from({ length: batch }, (_, i) => (first + i) % images.rows)
      await images.gather(picked, values, rng)
      const outputs = await compiled.run({ parameters: weights, images: { shape, dtype: 'float32', values } })
      const { values: means } = outputs.mean as HostTensor
      const { values: logVariances } = outputs.logVariance as HostTensor
      for (let i = 0; i < means.length; i++) {
        const z = means[i] + Math.exp(0.5 * logVariances[i]) * rng.normal()
        sum += z
        squares += z * z
        count++
      }
    }
  } finally {
    await compiled.dispose()
  }
  return Math.sqrt(squares / count - (sum / count) ** 2)
}

/** Writes `samples/step-….png`: held-out images, and what the autoencoder makes of them. */
function reconstructions(
  vae: AutoencoderKl,
  images: ImageSet,
  { images: { size }, samples }: LatentConfig,
  engine: Engine,
): Occasion {
  const count = Math.min(10, images.count)
  return {
    every: count > 0 ? samples.every : null,
    checkpoint: false,
    async *act(parameters, step, run) {
      const shape = [count, size, size, vae.channels]
      const source = toEncode(images, vae.channels, false)
      const given = source.read(0, count)
      const roundTrip: TensorFunction = (inputs) => {
        const weights = inputs.parameters as Parameters
        return { images: vae.decode(weights, vae.encode(weights, inputs.images as tf.Tensor).mean) }
      }
      const compiled = await engine.compile('reconstruct', roundTrip, {
        parameters: vae.parameters,
        images: float32(...shape),
      })
      try {
        const outputs = await compiled.run({ parameters, images: { shape, dtype: 'float32', values: given } })
        const both = [...given, ...(outputs.images as HostTensor).values]
        const pixels = Uint8Array.from(both, (value) =>
          Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1)),
        )
        const path = join(run.path, 'samples', `step-${String(step).padStart(8, '0')}.png`)
        await writeFileAtomic(
          path,
          await gridPng(pixels, { height: size, width: size, colors: vae.channels }, count),
        )
        yield { type: 'samples', step, path }
        return {}
      } finally {
        await compiled.dispose()
      }
    },
  }
}
