import type { ImageInput } from '../config/images.ts'
import type { PlannerInput } from '../config/planner.ts'

/** What arms are compared on: a planner in an environment, or a generator of images, and how long it trains. */
export interface Task {
  /** One line for lists. */
  readonly summary: string
  /** Everything but what arms and seeds decide. `training.checkpointEvery` is also how often it is evaluated. */
  readonly config: Omit<PlannerInput, 'coupling' | 'seed'> | Omit<ImageInput, 'coupling' | 'seed'>
  /** Every episode starts the same, so that first plans can be compared with the expert's as distributions. */
  readonly constantStart?: boolean
}

const flow = { process: { type: 'flow' }, sampler: { type: 'euler', steps: 10 } } as const
const smallUnet: PlannerInput['network'] = { type: 'temporal-unet', widths: [16, 32], timeEmbedding: 32 }

function training(steps: number, checkpoints: number, learningRate = 1e-3) {
  return { steps, batch: 128, learningRate, warmup: 200, checkpointEvery: steps / checkpoints }
}

/** Targets measured from the agent, which the observation ends with, and velocities on a scale of their own. */
const pushing = {
  actions: 'relative',
  reference: [16, 17],
  observations: 'differences',
  normalization: 'gaussian',
} as const satisfies PlannerInput['policy']

/** As `images/mnist-flow`, but small: digits of 14 × 14 pixels, a short training, few samples. */
const digits = {
  images: { source: { type: 'mnist' }, size: 14 },
  network: { type: 'image-unet', base: 32, multiples: [1, 2], blocks: 1, scale: true },
  process: { type: 'flow', timeScale: 1 },
  sampler: flow.sampler,
  training: {
    steps: 240,
    batch: 32,
    learningRate: 1e-3,
    betas: [0.9, 0.999],
    warmup: 20,
    weightDecay: 0,
    averageMax: 0.99,
    validationShare: 0.02,
    checkpointEvery: 120,
  },
  samples: { every: null },
  evaluation: { count: 400, features: 'classifier' },
} as const satisfies Task['config']

/** Tasks by name: an environment and the kind of network, in the order in which they are run. */
export const TASKS: Readonly<Record<string, Task>> = {
  'avoiding-path/mlp': {
    summary: 'a whole path through 24 ways from one constant observation, planned open loop',
    constantStart: true,
    config: {
      environment: 'avoiding-path',
      demonstrations: { count: 960 },
      policy: { observe: 1, plan: 24, act: 24, windows: 'first', normalization: 'gaussian' },
      network: { type: 'mlp', width: 256, blocks: 2 },
      ...flow,
      training: training(2000, 2),
      evaluation: { episodes: 480 },
    },
  },
  'two-way/mlp': {
    summary: 'a disc passed left or right, starts spread sideways',
    config: {
      environment: 'two-way',
      demonstrations: { count: 200 },
      network: { type: 'mlp', width: 256, blocks: 2 },
      ...flow,
      training: training(1500, 3),
      evaluation: { episodes: 200 },
    },
  },
  'two-way/small': {
    summary: 'the same with a perceptron small enough for every coupling',
    config: {
      environment: 'two-way',
      demonstrations: { count: 200 },
      network: { type: 'mlp', width: 128, blocks: 2 },
      ...flow,
      training: training(1500, 2, 2e-3),
      evaluation: { episodes: 200 },
    },
  },
  'two-way-axis/mlp': {
    summary: 'the same, every start on the axis',
    constantStart: true,
    config: {
      environment: 'two-way-axis',
      demonstrations: { count: 200 },
      network: { type: 'mlp', width: 256, blocks: 2 },
      ...flow,
      training: training(1500, 3),
      evaluation: { episodes: 200 },
    },
  },
  'two-way/unet': {
    summary: 'starts spread sideways, with the temporal U-Net',
    config: {
      environment: 'two-way',
      demonstrations: { count: 200 },
      network: smallUnet,
      ...flow,
      training: training(1200, 3),
      evaluation: { episodes: 200 },
    },
  },
  'two-way-axis/unet': {
    summary: 'every start on the axis, with the temporal U-Net',
    constantStart: true,
    config: {
      environment: 'two-way-axis',
      demonstrations: { count: 200 },
      network: smallUnet,
      ...flow,
      training: training(1200, 3),
      evaluation: { episodes: 200 },
    },
  },
  'avoiding/mlp': {
    summary: 'six obstacles, 24 ways through, in closed loop',
    constantStart: true,
    config: {
      environment: 'avoiding',
      demonstrations: { count: 2400 },
      policy: { act: 4, observations: 'differences', normalization: 'gaussian' },
      network: { type: 'mlp', width: 256, blocks: 2, octaves: 4 },
      process: { type: 'flow', times: 'logit-normal' },
      sampler: flow.sampler,
      training: training(2000, 2, 2e-3),
      evaluation: { episodes: 200 },
    },
  },
  'push-t/mlp': {
    summary: 'a T pushed onto its goal, as gym-pusht',
    config: {
      environment: 'push-t',
      demonstrations: { count: 200, seed: 0 },
      policy: pushing,
      network: { type: 'mlp', width: 512, blocks: 3 },
      ...flow,
      training: training(6000, 2, 2e-3),
      evaluation: { episodes: 50 },
    },
  },
  'push-t-opposite/mlp': {
    summary: 'the T starts half a turn off; mirrored demonstrations, mirror pairs in every batch',
    config: {
      environment: 'push-t-opposite',
      demonstrations: { count: 100, seed: 0, mirror: 'pairs' },
      policy: pushing,
      network: { type: 'mlp', width: 512, blocks: 3 },
      ...flow,
      training: training(4000, 2, 2e-3),
      evaluation: { episodes: 50 },
    },
  },
  'digits/unet': {
    summary: 'handwritten digits of 14 × 14 pixels',
    config: digits,
  },
  'digits-told/unet': {
    summary: 'the same, told the class',
    config: { ...digits, classes: { dropout: 0.1, guidance: 1 } },
  },
}
