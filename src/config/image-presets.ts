import { lookUp } from '../errors.ts'
import { type ImageConfig, type ImageInput, imageSchema } from './images.ts'
import { parseConfig } from './parse.ts'

/** A named config of an image generator. */
export interface ImagePreset {
  /** One line for lists. */
  readonly summary: string
  readonly config: ImageInput
}

/** A network and a schedule that give recognisable digits within minutes on two cores. */
const digits = {
  images: { source: { type: 'mnist' } },
  // Scaling after the normalisation, because one of as many groups as channels cancels what time only adds.
  network: { type: 'image-unet', base: 32, multiples: [1, 1, 2], blocks: 1, scale: true },
  training: {
    steps: 2000,
    batch: 32,
    learningRate: 1e-3,
    betas: [0.9, 0.999],
    warmup: 50,
    weightDecay: 0,
    averageMax: 0.999,
    validationShare: 0.02,
    checkpointEvery: 500,
  },
  samples: { every: 250 },
  evaluation: { features: 'classifier' },
} as const satisfies ImageInput

/** Every preset of image generators, by name. */
export const IMAGE_PRESETS: Readonly<Record<string, ImagePreset>> = {
  'images/mnist-flow': {
    summary: 'Handwritten digits by flow matching; most recognisable after half of it, minutes on two cores.',
    config: {
      ...digits,
      process: { type: 'flow', timeScale: 1 },
      sampler: { type: 'euler', steps: 20 },
    },
  },
  'images/mnist-ddim': {
    summary:
      'The same digits, told their class, by DDPM; most recognisable after a quarter of it, sampled by DDIM with guidance.',
    config: {
      ...digits,
      classes: { dropout: 0.1, guidance: 1.5 },
      // The noise that is predicted says too little of an image's brightness where there is almost nothing but noise.
      process: { type: 'ddpm', steps: 1000, schedule: 'squaredcos_cap_v2', prediction: 'velocity' },
      sampler: { type: 'ddim', steps: 20, spacing: 'trailing' },
      training: { ...digits.training, steps: 1000, checkpointEvery: 250 },
    },
  },
  'images/mnist-consistency': {
    summary: 'The digits by a consistency model, in one or two evaluations of the network.',
    config: {
      ...digits,
      process: { type: 'consistency', intervals: [10, 160] },
      sampler: { type: 'consistency', steps: 2 },
      training: { ...digits.training, steps: 4000 },
    },
  },
  'images/cifar10-flow': {
    summary: "torchcfm's settings for CIFAR-10, whose binary files must be in data/cifar-10-batches-bin.",
    config: {
      images: { source: { type: 'cifar10', path: 'data/cifar-10-batches-bin' }, flip: true },
      network: {
        type: 'image-unet',
        base: 128,
        multiples: [1, 2, 2, 2],
        blocks: 2,
        attention: [16],
        heads: 4,
        headWidth: 64,
        dropout: 0.1,
      },
      process: { type: 'flow', timeScale: 1 },
      sampler: { type: 'dopri5', rtol: 1e-5, atol: 1e-5 },
      training: {
        steps: 400_001,
        batch: 128,
        learningRate: 2e-4,
        decay: 'constant',
        warmup: 5000,
        betas: [0.9, 0.999],
        weightDecay: 0,
        clip: 1,
        averageMax: 0.9999,
        validationShare: 0,
        checkpointEvery: 2000,
      },
      samples: { every: 2000 },
      evaluation: { count: 50_000 },
    },
  },
}

/** A preset with its defaults filled in. @throws InputError for an unknown name, with the nearest one */
export function imagePreset(name: string): ImageConfig {
  return parseConfig(imageSchema, lookUp('preset', IMAGE_PRESETS, name).config, `preset ${name}`)
}
