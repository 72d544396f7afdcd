import test from 'ava'
import { consistency, estimateCoefficients } from '../../src/diffusion/index.ts'
import { tf } from '../../src/engine/tf.ts'
import type { Network } from '../../src/models/network.ts'
import { agreeing } from '../../src/train/objective.ts'
import { optimizationStep } from '../../src/train/step.ts'

/** A network of one number, F = factor · input · time, so that everything can be done by hand. */
const network = {
  name: 'one number',
  parameters: { factor: { shape: [], dtype: 'float32' } },
  horizon: 1,
  channels: 2,
  condition: 0,
  localCondition: 0,
  decays: () => false,
  dropout: () => ({}),
  apply: ({ factor }, { sample, time }) => tf.mul(tf.mul(sample, factor), tf.reshape(time, [-1, 1, 1])),
} as Partial<Network> as Network

const process = consistency({ timeScale: 1 })
const objective = agreeing(network, process.consistency!)
const data = [
  [0.5, -0.2],
  [0.1, 0.9],
]
const noise = [
  [1.5, -0.4],
  [0.3, -1.1],
]
const pairs = [
  { time: 2, nearer: 1.5 },
  { time: 0.4, nearer: 0.002 },
]

/** The formulas of the paper, in its own coordinates. */
function seen(i: number, sigma: number, factor: number): number[] {
  const skip = 0.25 / ((sigma - 0.002) ** 2 + 0.25)
  const out = (0.5 * (sigma - 0.002)) / Math.sqrt(sigma ** 2 + 0.25)
  return data[i].map((value, j) => {
    const x = value + sigma * noise[i][j]
    const said = (factor * (x / Math.sqrt(sigma ** 2 + 0.25)) * Math.log(sigma)) / 4
    return skip * x + out * said
  })
}

function loss(factor: number, teacher: number): number {
  const c = 0.00054 * Math.sqrt(2)
  const each = pairs.map(({ time, nearer }, i) => {
    const target = seen(i, nearer, teacher)
    const squares = seen(i, time, factor).reduce((sum, value, j) => sum + (value - target[j]) ** 2, 0)
    return (Math.sqrt(squares + c * c) - c) / (time - nearer)
  })
  return each.reduce((sum, value) => sum + value) / 2
}

const tensors = (values: Record<string, Float32Array>) =>
  Object.fromEntries(Object.entries(values).map(([name, each]) => [name, tf.tensor1d(each)]))

const batch = () => ({
  data: tf.tensor3d(data.map((row) => [row])),
  noise: tf.tensor3d(noise.map((row) => [row])),
  farther: tensors(
    estimateCoefficients(
      process,
      pairs.map(({ time }) => time),
    ),
  ),
  nearer: tensors(
    estimateCoefficients(
      process,
      pairs.map(({ nearer }) => nearer),
    ),
  ),
  weight: tf.tensor1d(pairs.map(({ time, nearer }) => 1 / (time - nearer))),
})

test('loss and gradient are those of the paper, and no gradient flows through the teacher', (t) => {
  const factor = 0.7
  const step = optimizationStep(objective)
  const zero = tf.scalar(0)
  const one = tf.scalar(1)
  const { outputs } = step(
    {
      parameters: { factor: tf.scalar(factor) },
      average: { factor: zero },
      first: { factor: zero },
      second: { factor: zero },
    },
    { ...batch(), learningRate: zero, biasCorrection1: one, biasCorrection2: one, averageDecay: zero },
  )
  const found = (outputs.loss as tf.Tensor).dataSync()[0]
  t.true(Math.abs(found - loss(factor, factor)) < 1e-5, `${found}, not ${loss(factor, factor)}`)
  const h = 1e-4
  const slope = (loss(factor + h, factor) - loss(factor - h, factor)) / (2 * h)
  const both = (loss(factor + h, factor + h) - loss(factor - h, factor - h)) / (2 * h)
  const norm = (outputs.gradientNorm as tf.Tensor).dataSync()[0]
  t.true(Math.abs(norm - Math.abs(slope)) < 1e-4, `${norm}, not ${Math.abs(slope)}`)
  t.true(Math.abs(Math.abs(both) - Math.abs(slope)) > 0.01)
})
