import { join } from 'node:path'
import { z } from 'zod'
import { readConfigFile } from '../config/parse.ts'
import type { PlannerInput } from '../config/planner.ts'
import type { FieldNormalizer, Normalizer } from '../data/normalizer.ts'
import { InputError } from '../errors.ts'
import type { HostParameters } from '../models/network.ts'
import { temporalUnet } from '../models/temporal-unet.ts'
import { readSafetensors } from '../weights/safetensors.ts'
import { type Feature, normalizationSchema, readNormalization } from './lerobot-normalization.ts'

/** A diffusion policy that LeRobot trained, in the terms used here. */
export interface LeRobotPolicy {
  /** With the name of an environment, all that a config needs. */
  readonly settings: Required<Pick<PlannerInput, 'policy' | 'network' | 'process' | 'sampler'>>
  readonly parameters: HostParameters
  readonly normalizer: Normalizer
  /** Numbers in one observation: the robot's state, then the environment's where the policy sees it. */
  readonly observationWidth: number
  readonly actionWidth: number
}

const count = z.int().positive()
const feature = z.looseObject({ type: z.string(), shape: z.array(count) })

/** What is read of a policy's `config.json`. */
const configSchema = z.looseObject({
  type: z.literal('diffusion'),
  n_obs_steps: count,
  horizon: count,
  n_action_steps: count,
  input_features: z.record(z.string(), feature),
  output_features: z.record(z.string(), feature),
  normalization_mapping: normalizationSchema,
  down_dims: z.array(count).min(2),
  kernel_size: count,
  n_groups: count,
  diffusion_step_embed_dim: count,
  use_film_scale_modulation: z.boolean(),
  noise_scheduler_type: z.enum(['DDPM', 'DDIM']),
  num_train_timesteps: count,
  num_inference_steps: count.nullish(),
  beta_schedule: z.enum(['squaredcos_cap_v2', 'linear']),
  beta_start: z.literal(0.0001),
  beta_end: z.literal(0.02),
  prediction_type: z.enum(['epsilon', 'sample']),
  clip_sample: z.boolean(),
  clip_sample_range: z.number().positive(),
})

const CONFIG = 'config.json'
const WEIGHTS = 'model.safetensors'

/**
 * Reads a diffusion policy as LeRobot's `save_pretrained` writes it: `config.json`, `model.safetensors`, and the
 * statistics for normalising beside them (`policy_preprocessor.json`) or, before LeRobot 0.4, among the weights.
 * The policy must see states only: there is no encoder of images here.
 *
 * @param folder of the policy
 * @param options.environmentFirst whether observations shall begin with the environment's state, as those of
 *   `push-t` do, instead of the robot's: the weights are then rearranged
 * @throws InputError naming the file and the key that is missing or not supported
 */
export async function readLeRobotPolicy(
  folder: string,
  { environmentFirst = false }: { readonly environmentFirst?: boolean } = {},
): Promise<LeRobotPolicy> {
  const path = join(folder, CONFIG)
  const config = await readConfigFile(configSchema, path)
  const { observed: seen, action } = featuresOf(config, path)
  const { tensors } = await readSafetensors(join(folder, WEIGHTS))
  const observed = environmentFirst ? seen.toReversed() : seen
  const normalizerOf = await readNormalization(folder, config.normalization_mapping, tensors)
  const observationWidth = observed.reduce((sum, { width }) => sum + width, 0)
  const { n_obs_steps: observe, horizon: plan, n_action_steps: act } = config
  const network = {
    widths: config.down_dims,
    kernel: config.kernel_size,
    groups: config.n_groups,
    timeEmbedding: config.diffusion_step_embed_dim,
    scale: config.use_film_scale_modulation,
  }
  const steps = config.num_inference_steps ?? config.num_train_timesteps
  return {
    settings: {
      policy: { observe, plan, act },
      network: { type: 'temporal-unet', ...network },
      process: {
        type: 'ddpm',
        steps: config.num_train_timesteps,
        schedule: config.beta_schedule,
        prediction: config.prediction_type,
        clip: config.clip_sample,
        ...(config.clip_sample_range !== 1 && { clipRange: config.clip_sample_range }),
      },
      sampler: { type: config.noise_scheduler_type === 'DDIM' ? 'ddim' : 'ddpm', steps },
    },
    parameters: temporalUnet({
      ...network,
      horizon: plan,
      channels: action.width,
      condition: observe * observationWidth,
    }).fromStateDict(environmentFirst ? turned(tensors, seen, observe) : tensors, join(folder, WEIGHTS)),
    normalizer: {
      condition: joined(Array.from({ length: observe }, () => observed.map(normalizerOf)).flat()),
      chunk: joined(Array.from({ length: plan }, () => normalizerOf(action))),
    },
    observationWidth,
    actionWidth: action.width,
  }
}

/** What a policy sees at each step, in the order in which its network does, and what it does. */
function featuresOf(
  { input_features: inputs, output_features: outputs }: z.output<typeof configSchema>,
  path: string,
): { observed: Feature[]; action: Feature } {
  const image = Object.keys(inputs).find((name) => inputs[name].type === 'VISUAL')
  if (image !== undefined) {
    throw new InputError(
      `${path}: the policy sees the image "${image}"; only policies that see numbers alone can be used here.`,
    )
  }
  const named = (features: typeof inputs, name: string): Feature => {
    if (!features[name]) throw new InputError(`${path} has no feature "${name}"; get it again.`)
    const { type, shape } = features[name]
    return { name, type, width: shape.reduce((product, size) => product * size, 1) }
  }
  const environment = Object.keys(inputs).filter((name) => inputs[name].type === 'ENV')
  return {
    observed: ['observation.state', ...environment.slice(0, 1)].map((name) => named(inputs, name)),
    action: named(outputs, 'action'),
  }
}

/**
 * Weights for observations whose features come in the reverse order. What is observed enters the network by one
 * linear layer in each block, behind the embedding of time.
 */
function turned(state: HostParameters, seen: readonly Feature[], observe: number): HostParameters {
  const widths = seen.map(({ width }) => width)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0))
  const order = seen
    .flatMap(({ width }, i) => [Array.from({ length: width }, (_, j) => starts[i] + j)])
    .reverse()
    .flat()
  const entries = Object.entries(state).map(([name, tensor]) => {
    if (!name.endsWith('.cond_encoder.1.weight')) return [name, tensor]
    const columns = tensor.shape[1]
    const time = columns - observe * total
    const values = tensor.values.map((value, at) => {
      const column = (at % columns) - time
      if (column < 0) return value
      return tensor.values[at - (column % total) + order[column % total]]
    })
    return [name, { ...tensor, values }]
  })
  return Object.fromEntries(entries)
}

/** One normalizer for the coordinates of several, in order. */
function joined(fields: readonly FieldNormalizer[]): FieldNormalizer {
  const all = (pick: (field: FieldNormalizer) => Float32Array) =>
    Float32Array.from(fields.flatMap((field) => [...pick(field)]))
  return {
    scale: all(({ scale }) => scale),
    offset: all(({ offset }) => offset),
    statistics: {
      min: all(({ statistics }) => statistics.min),
      max: all(({ statistics }) => statistics.max),
      mean: all(({ statistics }) => statistics.mean),
      std: all(({ statistics }) => statistics.std),
    },
  }
}
