import { pixelsOf } from '../data/images/image-rows.ts'
import {
  createSampler,
  type Denoise,
  guide,
  initialNoise,
  type Process,
  type Project,
  type SamplerConfig,
} from '../diffusion/index.ts'
import type { Engine } from '../engine/engine.ts'
import { FailureError, InputError } from '../errors.ts'
import type { HostParameters, Network } from '../models/network.ts'
import { compilePredictor, type Predictor } from '../models/predictor.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, zeroRows } from '../rows.ts'

/** What a generator is made of. */
export interface GeneratorOptions {
  readonly network: Network
  /** Weights, usually the averaged ones. */
  readonly parameters: HostParameters
  readonly process: Process
  readonly sampler: SamplerConfig
  readonly engine: Engine
  /** What training multiplied the data by; default 1. */
  readonly scale?: number
  /** Guidance towards the class; default 1, for none. */
  readonly guidance?: number
  /** Images made together; default 64. Samples may depend on it in the last bits. */
  readonly batch?: number
}

/** Which images to make. */
export interface GenerateRequest {
  /** Seed of the stream that every image has a stream of its own in. */
  readonly seed: number
  /** Number of each image, which tells its stream: any one can be made again alone. */
  readonly images: readonly number[]
  /** Class of each image, for a network that is told it; absent for any class. */
  readonly classes?: readonly number[]
  /** Holds parts of the images in place. */
  readonly project?: (streams: readonly Rng[]) => Project
  readonly onProgress?: (done: number) => void
}

/** Images, and what they cost. */
export interface Generated {
  /** [images, height · width · colors], 0 … 255. */
  readonly pixels: Uint8Array
  /** Network evaluations for each image; those of the costliest batch where they differ. */
  readonly evaluations: number
}

/** Makes images from noise. */
export interface Generator {
  /** @throws InputError for a class that the network does not know */
  generate(request: GenerateRequest): Promise<Generated>
  /** Frees what was compiled. */
  close(): Promise<void>
}

/** A generator of images by diffusion. The network is compiled with its weights as constants, for one batch size. */
export function createGenerator(options: GeneratorOptions): Generator {
  const { network, process, scale = 1, guidance = 1, batch = 64 } = options
  const sampler = createSampler(options.sampler)
  const columns = network.horizon * network.channels
  let compiled: Promise<Predictor> | undefined

  /** Samples one batch; numbers beyond the last image are drawn again from it, and dropped. */
  async function sampleBatch(request: GenerateRequest, first: number, count: number) {
    compiled ??= compilePredictor(options.engine, network, options.parameters, batch)
    const at = Array.from({ length: batch }, (_, i) => first + Math.min(i, count - 1))
    const root = Rng.seeded(request.seed)
    const streams = at.map((i) => root.fork('image', request.images[i]))
    const network_ = await compiled
    const denoise = guided(
      network,
      network_,
      at.map((i) => request.classes?.[i]),
      guidance,
    )
    const noise = initialNoise(streams, columns)
    let result: { readonly x: Rows; readonly evaluations: number } | undefined
    const project = request.project?.(streams)
    for await (const step of sampler({ process, denoise, noise, streams, project })) result = step
    if (!result)
      throw new FailureError('The sampler ended without a step; a sampler must yield at least one.')
    return result
  }

  return {
    async generate(request) {
      const { images, classes, onProgress } = request
      checkClasses(network, classes)
      const pixels = new Uint8Array(images.length * columns)
      let evaluations = 0
      for (let first = 0; first < images.length; first += batch) {
        const count = Math.min(batch, images.length - first)
        const { x, evaluations: made } = await sampleBatch(request, first, count)
        pixels.set(pixelsOf(x.values.subarray(0, count * columns), scale), first * columns)
        evaluations = Math.max(evaluations, made)
        onProgress?.(first + count)
      }
      return { pixels, evaluations }
    },
    async close() {
      await (await compiled)?.dispose()
      compiled = undefined
    },
  }
}

function checkClasses(network: Network, classes: readonly number[] | undefined): void {
  const known = network.condition
  for (const label of classes ?? []) {
    if (Number.isInteger(label) && label >= 0 && label < known) continue
    throw new InputError(
      known === 0
        ? 'This network is not told classes; leave the class out, or train with "classes".'
        : `The network knows no class ${label}; give one from 0 to ${known - 1}.`,
    )
  }
}

/** The network's prediction for images of the given classes, guided towards them. */
function guided(
  network: Network,
  compiled: Predictor,
  classes: readonly (number | undefined)[],
  scale: number,
): Denoise {
  const hot = zeroRows(classes.length, network.condition)
  classes.forEach((label, i) => {
    if (label !== undefined) hot.values[i * hot.columns + label] = 1
  })
  const unconditional = compiled.given(zeroRows(classes.length, network.condition))
  if (!hot.values.includes(1)) return unconditional
  return guide({ conditional: compiled.given(hot), unconditional, scale })
}
