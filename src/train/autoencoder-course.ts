import { shuffled } from '../data/order.ts'
import { float32, type HostTensor } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { type AutoencoderKl, klDivergence, samplePosterior } from '../models/autoencoder-kl.ts'
import type { Rng } from '../random/rng.ts'
import type { BatchInputs } from './batches.ts'
import type { Course } from './loop.ts'
import type { Objective } from './objective.ts'
import type { RowSource } from './task.ts'
import { pickRows } from './task.ts'

/** Images to learn an autoencoder of. */
export interface AutoencoderTask {
  readonly vae: AutoencoderKl
  readonly height: number
  readonly width: number
  /** Images as rows of numbers in [−1, 1], [N, height · width · channels]. */
  readonly images: RowSource
  /** Held-out ones. */
  readonly validation?: RowSource
  /** Weight of the posterior's divergence from N(0, I). */
  readonly divergence: number
}

/**
 * The course of an autoencoder's training: mean squared error of images decoded from a sample of their latents'
 * posterior, plus the weighted divergence, both for each number of an image.
 */
export function autoencoderCourse(task: AutoencoderTask): Course {
  const { images, validation } = task
  return {
    objective: autoencoding(task),
    initial: (rng) => task.vae.init(rng),
    batches: (batch, parts, rng) => {
      const order = shuffled(images.rows, rng)
      const size = batch / parts
      return {
        at: (step, part = 0) => {
          const first = step * batch + part * size
          return inputs(task, images, order.indices(first, size), rng.fork('noise', step, part))
        },
      }
    },
    ...(validation &&
      validation.rows > 0 && {
        validation: async (batch, limit, rng) => {
          const stream = rng.fork('validation')
          // Whole batches only: every image weighs the same.
          const total = Math.max(1, Math.min(limit, Math.floor(validation.rows / batch)))
          return Promise.all(
            Array.from({ length: total }, async (_, b) => ({
              counted: batch,
              inputs: await inputs(
                task,
                validation,
                Int32Array.from({ length: batch }, (_, i) => (b * batch + i) % validation.rows),
                stream.fork(b),
              ),
            })),
          )
        },
      }),
  }
}

function autoencoding({ vae, height, width, divergence }: AutoencoderTask): Objective {
  const [rows, columns] = [height / vae.factor, width / vae.factor]
  return {
    name: vae.name,
    parameters: vae.parameters,
    decays: () => true,
    inputs: (batch) => ({
      images: float32(batch, height, width, vae.channels),
      noise: float32(batch, rows, columns, vae.latents),
    }),
    loss(parameters, batch) {
      const { images, noise } = batch as { images: tf.Tensor; noise: tf.Tensor }
      const posterior = vae.encode(parameters, images)
      const decoded = vae.decode(parameters, samplePosterior(posterior, noise))
      const error = tf.sub(decoded, images)
      const share = divergence / (height * width * vae.channels)
      return tf.add(
        tf.mul(tf.sum(tf.mul(error, error)), 1 / images.size),
        tf.mul(klDivergence(posterior), share),
      ) as tf.Scalar
    },
  }
}

async function inputs(
  { vae, height, width }: AutoencoderTask,
  source: RowSource,
  picked: Int32Array,
  rng: Rng,
): Promise<BatchInputs> {
  const batch = picked.length
  const { values } = await pickRows(source, picked, rng.fork('images'))
  const size = [height / vae.factor, width / vae.factor, vae.latents]
  const noise = rng.fillNormal(new Float32Array(batch * size[0] * size[1] * size[2]))
  const tensor = (shape: number[], values: Float32Array): HostTensor => ({ shape, dtype: 'float32', values })
  return {
    images: tensor([batch, height, width, vae.channels], values),
    noise: tensor([batch, ...size], noise),
  }
}
