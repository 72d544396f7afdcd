import { lookUp } from '../errors.ts'
import { parseConfig } from './parse.ts'
import { type PlannerConfig, type PlannerInput, plannerSchema } from './planner.ts'

/** A named config. */
export interface Preset {
  /** One line for lists. */
  readonly summary: string
  readonly config: PlannerInput
}

/** Diffusion Policy's settings for low-dimensional tasks (Chi et al. 2023). */
const diffusionPolicy = {
  network: { type: 'temporal-unet', widths: [256, 512, 1024], timeEmbedding: 256 },
  process: { type: 'ddpm', steps: 100, schedule: 'squaredcos_cap_v2', prediction: 'epsilon' },
  sampler: { type: 'ddpm', steps: 100 },
} as const satisfies Partial<PlannerInput>

/** Every preset, by name. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  'two-way': {
    summary: 'Pass a disc left or right: flow matching with local assignment, minutes on a laptop.',
    config: {
      environment: 'two-way',
      demonstrations: { count: 200 },
      network: { type: 'temporal-unet', widths: [32, 64], timeEmbedding: 64 },
      process: { type: 'flow' },
      sampler: { type: 'euler', steps: 4 },
      coupling: { type: 'local', balance: 0 },
      training: { steps: 3000, batch: 128, learningRate: 1e-3, warmup: 200, evaluateEvery: 1000 },
    },
  },
  start: {
    summary: 'What `npm start` trains.',
    config: {
      environment: 'two-way',
      demonstrations: { count: 200 },
      network: { type: 'temporal-unet', widths: [32, 64], timeEmbedding: 64 },
      process: { type: 'flow' },
      sampler: { type: 'euler', steps: 2 },
      coupling: { type: 'local', balance: 0 },
      training: { steps: 3000, batch: 128, learningRate: 1e-3, warmup: 200, evaluateEvery: 1000 },
    },
  },
  avoiding: {
    summary: 'Six obstacles, 24 ways through, by vanilla flow matching.',
    config: {
      environment: 'avoiding',
      demonstrations: { count: 2400 },
      policy: { act: 4, observations: 'differences', normalization: 'gaussian' },
      network: { type: 'mlp', width: 256, blocks: 3, octaves: 4 },
      process: { type: 'flow', times: 'logit-normal' },
      sampler: { type: 'euler', steps: 10 },
      coupling: { type: 'independent' },
      training: { steps: 12_000, batch: 256, learningRate: 2e-3, warmup: 200, evaluateEvery: 3000 },
      evaluation: { episodes: 100 },
    },
  },
  'push-t': {
    summary: 'Push a T onto its goal, by vanilla flow matching; for long runs.',
    config: {
      environment: 'push-t',
      demonstrations: { count: 200 },
      // Targets measured from the agent, which the observation ends with; velocities on a scale of their own.
      policy: {
        actions: 'relative',
        reference: [16, 17],
        observations: 'differences',
        normalization: 'gaussian',
      },
      network: { type: 'temporal-unet', widths: [64, 128, 256], timeEmbedding: 128 },
      process: { type: 'flow' },
      sampler: { type: 'euler', steps: 10 },
      coupling: { type: 'independent' },
      training: { steps: 30_000, batch: 256, learningRate: 3e-4, warmup: 500, evaluateEvery: 5000 },
    },
  },
  'diffusion-policy': {
    summary: "Diffusion Policy's own settings (65 M parameters, DDPM 100): vanilla, for long runs.",
    config: {
      environment: 'avoiding',
      ...diffusionPolicy,
      training: {
        steps: 100_000,
        batch: 256,
        learningRate: 1e-4,
        warmup: 500,
        evaluateEvery: 10_000,
        checkpointEvery: 5000,
      },
    },
  },
}

/** A preset with its defaults filled in. @throws InputError for an unknown name, with the nearest one */
export function preset(name: string): PlannerConfig {
  return parseConfig(plannerSchema, lookUp('preset', PRESETS, name).config, `preset ${name}`)
}
