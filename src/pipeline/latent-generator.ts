import {
  createSampler,
  type Denoise,
  guide,
  initialNoise,
  type Process,
  type SamplerConfig,
} from '../diffusion/index.ts'
import type { Compiled, Engine, TensorFunction } from '../engine/engine.ts'
import { float32, type HostTensor } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import { FailureError } from '../errors.ts'
import type { AutoencoderKl } from '../models/autoencoder-kl.ts'
import type { HostParameters, Network, NetworkInputs, Parameters } from '../models/network.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'

/** What images are made with. */
export interface LatentGeneratorOptions {
  readonly engine: Engine
  /** Over latents of `height` × `width`. */
  readonly network: Network
  readonly vae: AutoencoderKl
  readonly weights: { readonly denoiser: HostParameters; readonly vae: HostParameters }
  readonly process: Process
  readonly sampler: SamplerConfig
  /** Of the latents. */
  readonly height: number
  readonly width: number
  /** Images made together. Samples may depend on it in the last bits. */
  readonly batch: number
}

/** Which images to make. */
export interface LatentRequest {
  readonly seed: number
  /** Number of each image, which tells its stream of random numbers: any one can be made again alone. */
  readonly images: readonly number[]
  /** States of each image's text, [images, C]. */
  readonly conditions: Rows
  /** States of what the images are led away from, [C]. */
  readonly negative: Float32Array
  /** 1 for no guidance; more exaggerates the text. */
  readonly guidance: number
  readonly onProgress?: (done: number) => void
}

/** Makes images from texts. */
export interface LatentGenerator {
  /** @returns [images, height · width · channels] of the images, 0 … 255 */
  generate(request: LatentRequest): Promise<Uint8Array>
  /** Frees what was compiled. */
  close(): Promise<void>
}

/** A generator of images by latent diffusion; denoiser and decoder are compiled for one batch size. */
export async function createLatentGenerator(options: LatentGeneratorOptions): Promise<LatentGenerator> {
  const { engine, network, vae, weights, process, batch, height, width } = options
  const sampler = createSampler(options.sampler)
  const columns = network.horizon * network.channels
  const predict: TensorFunction = (inputs) => ({
    prediction: network.apply(inputs.parameters as Parameters, inputs as unknown as NetworkInputs),
  })
  const denoiser = await engine.compile('denoise', predict, {
    parameters: network.parameters,
    sample: float32(batch, network.horizon, network.channels),
    time: float32(batch),
    condition: float32(batch, network.condition),
  })
  const decoder = await latentDecoder({ engine, vae, weights: weights.vae, height, width, batch })
  const { pixels } = decoder

  /** One batch; places beyond the last image repeat it, and are dropped. */
  async function makeBatch(request: LatentRequest, first: number, count: number): Promise<Uint8Array> {
    const at = Array.from({ length: batch }, (_, i) => first + Math.min(i, count - 1))
    const root = Rng.seeded(request.seed)
    const streams = at.map((i) => root.fork('image', request.images[i]))
    const size = network.condition
    const told = new Float32Array(batch * size)
    const withheld = new Float32Array(batch * size)
    at.forEach((i, place) => {
      told.set(request.conditions.values.subarray(i * size, (i + 1) * size), place * size)
      withheld.set(request.negative, place * size)
    })
    const denoise = guide({
      conditional: predictor(denoiser, network, weights.denoiser, told),
      unconditional: predictor(denoiser, network, weights.denoiser, withheld),
      scale: request.guidance,
    })
    let latents: Rows | undefined
    const noise = initialNoise(streams, columns)
    for await (const { x } of sampler({ process, denoise, noise, streams })) latents = x
    if (!latents)
      throw new FailureError('The sampler ended without a step; a sampler must yield at least one.')
    return decoder.decode(latents)
  }

  return {
    async generate(request) {
      const total = request.images.length
      const out = new Uint8Array(total * pixels)
      for (let first = 0; first < total; first += batch) {
        const count = Math.min(batch, total - first)
        const made = await makeBatch(request, first, count)
        out.set(made.subarray(0, count * pixels), first * pixels)
        request.onProgress?.(first + count)
      }
      return out
    },
    async close() {
      await denoiser.dispose()
      await decoder.dispose()
    },
  }
}

/** Turns latents into images, `batch` at a time. */
export interface LatentDecoder {
  /** Numbers of an image. */
  readonly pixels: number
  /** @param latents as the denoiser makes them, [batch, D] @returns [batch, height · width · channels], 0 … 255 */
  decode(latents: Rows): Promise<Uint8Array>
  dispose(): Promise<void>
}

/** Compiles the decoder of an autoencoder for latents of `height` × `width`. */
export async function latentDecoder(
  options: Pick<LatentGeneratorOptions, 'engine' | 'vae' | 'height' | 'width' | 'batch'> & {
    /** Of the autoencoder. */
    readonly weights: HostParameters
  },
): Promise<LatentDecoder> {
  const { engine, vae, weights, height, width, batch } = options
  const decode: TensorFunction = (inputs) => ({
    images: vae.decode(inputs.parameters as Parameters, inputs.latents as tf.Tensor),
  })
  const shape = [batch, height, width, vae.latents]
  const parameters = Object.fromEntries(Object.entries(vae.parameters).filter(([name]) => vae.decodes(name)))
  const own = Object.fromEntries(Object.keys(parameters).map((name) => [name, weights[name]]))
  const decoder = await engine.compile('decode', decode, { parameters, latents: float32(...shape) })
  return {
    pixels: height * width * vae.factor ** 2 * vae.config.out_channels,
    async decode(latents) {
      const values = latents.values.map((value) => value / vae.scale + vae.shift)
      const { images } = await decoder.run({
        parameters: own,
        latents: { shape, dtype: 'float32', values },
      })
      return Uint8Array.from((images as HostTensor).values, (value) =>
        Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1)),
      )
    },
    dispose: () => decoder.dispose(),
  }
}

function predictor(
  compiled: Compiled,
  network: Network,
  parameters: HostParameters,
  condition: Float32Array,
): Denoise {
  const { horizon, channels } = network
  return async (x, networkTime) => {
    const { prediction } = await compiled.run({
      parameters,
      sample: tensor([x.rows, horizon, channels], x.values),
      time: tensor([x.rows], new Float32Array(x.rows).fill(networkTime)),
      condition: tensor([x.rows, network.condition], condition),
    })
    return rows((prediction as HostTensor).values as Float32Array, x.rows, x.columns)
  }
}

function tensor(shape: number[], values: Float32Array): HostTensor {
  return { shape, dtype: 'float32', values }
}
