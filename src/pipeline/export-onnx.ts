import { exportOnnx, float32, type OnnxFiles, sizeOf, type TensorFunction } from '../engine/index.ts'
import { tf } from '../engine/tf.ts'
import type { AutoencoderKl } from '../models/autoencoder-kl.ts'
import type { HostParameters, Parameters } from '../models/network.ts'
import type { Unet2dCondition } from '../models/unet2d-condition.ts'

/** Most bytes of weights within a protobuf message, which an `.onnx` file is. */
const LARGEST = 2 ** 31 - 2 ** 24
/** Where they are otherwise, beside it; the name that diffusers' ONNX pipelines have. */
const WEIGHTS_FILE = 'weights.pb'

/** Sizes of an exported model, which are fixed. */
export interface ExportShape {
  readonly batch: number
  /** Of the latents. */
  readonly height: number
  readonly width: number
  /** Tokens of a text. */
  readonly tokens: number
}

/**
 * The denoiser as an ONNX model with its weights, under the names of diffusers' ONNX pipelines: `sample` [B, C, H,
 * W], `timestep` [B] and `encoder_hidden_states` [B, L, D] → `out_sample` [B, C, H, W], all float32.
 * Weights of more than 2 GiB lie in a file beside it.
 */
export function unetToOnnx(
  unet: Unet2dCondition,
  weights: HostParameters,
  { batch, height, width, tokens }: ExportShape,
  largest = LARGEST,
): OnnxFiles {
  const fn: TensorFunction = (inputs) => {
    const { sample, timestep, encoder_hidden_states: states } = inputs as Record<string, tf.Tensor>
    const predicted = unet.apply(constants(weights), tf.transpose(sample, [0, 2, 3, 1]), timestep, states)
    return { out_sample: tf.transpose(predicted, [0, 3, 1, 2]) }
  }
  return filesOf('unet', fn, weights, largest, {
    sample: float32(batch, unet.channels, height, width),
    timestep: float32(batch),
    encoder_hidden_states: float32(batch, tokens, unet.contextWidth),
  })
}

/**
 * The decoder as an ONNX model with its weights: `latent_sample` [B, C, h, w], divided by the scale → `sample`
 * [B, colours, H, W] in [−1, 1].
 */
export function decoderToOnnx(
  vae: AutoencoderKl,
  weights: HostParameters,
  { batch, height, width }: ExportShape,
  largest = LARGEST,
): OnnxFiles {
  const own = Object.fromEntries(Object.entries(weights).filter(([name]) => vae.decodes(name)))
  const fn: TensorFunction = (inputs) => {
    const latents = tf.transpose(inputs.latent_sample as tf.Tensor, [0, 2, 3, 1])
    return { sample: tf.transpose(vae.decode(constants(own), latents), [0, 3, 1, 2]) }
  }
  return filesOf('vae_decoder', fn, own, largest, {
    latent_sample: float32(batch, vae.latents, height, width),
  })
}

function filesOf(
  name: string,
  fn: TensorFunction,
  weights: HostParameters,
  largest: number,
  signature: Record<string, ReturnType<typeof float32>>,
): OnnxFiles {
  const bytes = Object.values(weights).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
  return exportOnnx(name, fn, signature, bytes > largest ? WEIGHTS_FILE : undefined)
}

function constants(weights: HostParameters): Parameters {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { values, shape }]) => [
      name,
      tf.tensor(values as Float32Array, [...shape]),
    ]),
  )
}
