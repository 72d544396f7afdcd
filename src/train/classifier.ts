import { trainingSchema } from '../config/training.ts'
import { type ImageSet, imageSize } from '../data/images/image-set.ts'
import { shuffled } from '../data/order.ts'
import type { Engine } from '../engine/engine.ts'
import { float32, type HostTensor } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { FailureError, InputError } from '../errors.ts'
import type { FeatureExtractor } from '../evaluate/images/features.ts'
import type { HostParameters } from '../models/network.ts'
import { parameterized } from '../models/parameterized.ts'
import { conv2d } from '../nn/conv2d.ts'
import { linear } from '../nn/linear.ts'
import { ParameterScope, type Parameters } from '../nn/parameter-scope.ts'
import type { Rng } from '../random/rng.ts'
import { rows } from '../rows.ts'
import { learn } from './loop.ts'
import type { Objective } from './objective.ts'

/** Numbers that the classifier sees an image as. */
const FEATURES = 64
const BATCH = 64
const STEPS = 800

/**
 * Trains a small convolutional classifier on labelled images, whose last hidden layer serves as features. It
 * depends on the images alone, so that figures of different runs compare.
 *
 * @throws InputError for images without classes
 */
export async function trainClassifier(images: ImageSet, engine: Engine): Promise<FeatureExtractor> {
  const { labels, classes } = images
  if (!labels) {
    throw new InputError(
      `The images of ${images.name} have no classes to learn features from; set evaluation.features to pixels.`,
    )
  }
  const network = classifier(images)
  const settings = trainingSchema.parse({
    steps: STEPS,
    batch: BATCH,
    learningRate: 2e-3,
    warmup: 20,
    betas: [0.9, 0.999],
    averageMax: 0.99,
    logEvery: STEPS,
  })
  let weights: HostParameters | undefined
  const course = {
    objective: network.objective,
    initial: (rng: Rng) => network.weights.init(rng),
    batches: (batch: number, _: number, rng: Rng) => {
      const order = shuffled(images.count, rng)
      return {
        async at(step: number) {
          const picked = order.indices(step * batch, batch)
          const hot = new Float32Array(batch * classes.length)
          picked.forEach((index, i) => {
            hot[i * classes.length + labels[index]] = 1
          })
          return {
            images: network.input(images, picked),
            labels: { shape: [batch, classes.length], dtype: 'float32' as const, values: hot },
          }
        },
      }
    },
  }
  for await (const event of learn(course, settings, engine, { seed: 0 })) {
    if (event.type === 'step' && event.step === STEPS) weights = (await event.snapshot()).average
  }
  if (!weights) throw new FailureError('Training the classifier of features ended early.')
  return extractor(network, weights, engine)
}

/** The classifier and what it is trained by. */
function classifier({ height, width, colors, classes }: ImageSet) {
  const scope = new ParameterScope()
  const half = (size: number) => Math.ceil(size / 2)
  const [tall, wide] = [half(half(height)), half(half(width))]
  const first = conv2d(scope.child('first'), { inputs: colors, outputs: 16, kernel: 3, stride: 2 })
  const second = conv2d(scope.child('second'), { inputs: 16, outputs: 32, kernel: 3, stride: 2 })
  const hidden = linear(scope.child('hidden'), tall * wide * 32, FEATURES)
  const output = linear(scope.child('output'), FEATURES, classes.length)
  const features = (parameters: Parameters, images: tf.Tensor) => {
    const convolved = tf.relu(second(parameters, tf.relu(first(parameters, images))))
    return tf.relu(hidden(parameters, tf.reshape(convolved, [images.shape[0], -1])))
  }
  const weights = parameterized({ name: 'classifier', scope })
  const objective: Objective = {
    name: 'classifier',
    parameters: weights.parameters,
    decays: () => true,
    inputs: (batch) => ({
      images: float32(batch, height, width, colors),
      labels: float32(batch, classes.length),
    }),
    loss: (parameters, batch) => {
      const given = batch as Record<string, tf.Tensor>
      const logits = output(parameters, features(parameters, given.images))
      const logs = tf.sub(logits, tf.logSumExp(logits, 1, true))
      return tf.neg(tf.mean(tf.sum(tf.mul(given.labels, logs), 1))) as tf.Scalar
    },
  }
  /** Images as numbers from 0 to 1. */
  const input = (set: Pick<ImageSet, 'pixels'>, picked: Int32Array): HostTensor => {
    const size = imageSize({ height, width, colors })
    const values = new Float32Array(picked.length * size)
    picked.forEach((index, i) => {
      for (let j = 0; j < size; j++) values[i * size + j] = set.pixels[index * size + j] / 255
    })
    return { shape: [picked.length, height, width, colors], dtype: 'float32', values }
  }
  return { weights, objective, features, input, height, width, colors }
}

function extractor(
  network: ReturnType<typeof classifier>,
  weights: HostParameters,
  engine: Engine,
): FeatureExtractor {
  const { height, width, colors } = network
  const compiled = engine.compile(
    'features',
    (inputs) => ({
      features: network.features(inputs.weights as Parameters, inputs.images as tf.Tensor),
    }),
    { weights: network.weights.parameters, images: float32(BATCH, height, width, colors) },
  )
  return {
    name: 'classifier',
    async extract(images) {
      const out = new Float32Array(images.count * FEATURES)
      for (let first = 0; first < images.count; first += BATCH) {
        const count = Math.min(BATCH, images.count - first)
        const picked = Int32Array.from({ length: BATCH }, (_, i) => first + Math.min(i, count - 1))
        const { features } = await (await compiled).run({ weights, images: network.input(images, picked) })
        const values = (features as HostTensor).values as Float32Array
        out.set(values.subarray(0, count * FEATURES), first * FEATURES)
      }
      return rows(out, images.count, FEATURES)
    },
  }
}
