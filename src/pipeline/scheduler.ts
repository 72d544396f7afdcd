import { z } from 'zod'
import type { ProcessConfig, SamplerConfig, ScheduleName } from '../diffusion/index.ts'
import { InputError, lookUp } from '../errors.ts'

/** What is read of a diffusers scheduler's `scheduler_config.json`; its other keys are kept. */
export const schedulerSchema = z.looseObject({
  _class_name: z.string().default('PNDMScheduler'),
  num_train_timesteps: z.int().positive().default(1000),
  beta_schedule: z.string().default('linear'),
  beta_start: z.number().default(0.0001),
  beta_end: z.number().default(0.02),
  trained_betas: z.array(z.number()).nullish(),
  prediction_type: z.string().default('epsilon'),
  clip_sample: z.boolean().optional(),
  clip_sample_range: z.number().positive().default(1),
  set_alpha_to_one: z.boolean().optional(),
  steps_offset: z.int().min(0).default(0),
  timestep_spacing: z.string().optional(),
  thresholding: z.boolean().default(false),
  rescale_betas_zero_snr: z.boolean().default(false),
})

export type SchedulerConfig = z.output<typeof schedulerSchema>

const PREDICTIONS = { epsilon: 'epsilon', v_prediction: 'velocity', sample: 'sample' } as const
const SCHEDULES: Readonly<Record<string, ScheduleName>> = {
  linear: 'linear',
  scaled_linear: 'scaled_linear',
  squaredcos_cap_v2: 'squaredcos_cap_v2',
}

/** Names of the samplers that images are drawn with. */
export const LATENT_SAMPLERS = ['ddim', 'dpm-solver', 'pndm', 'euler', 'heun', 'ddpm'] as const
export type LatentSampler = (typeof LATENT_SAMPLERS)[number]

/** Which sampler stands for a diffusers scheduler. */
const CLASSES: Readonly<Record<string, LatentSampler>> = {
  DDIMScheduler: 'ddim',
  PNDMScheduler: 'pndm',
  DDPMScheduler: 'ddpm',
  DPMSolverMultistepScheduler: 'dpm-solver',
  EulerDiscreteScheduler: 'euler',
  HeunDiscreteScheduler: 'heun',
}

/**
 * The process that a scheduler's config describes.
 *
 * @param where for messages
 * @throws InputError for a schedule, prediction or setting that is not supported, by name
 */
export function processFromScheduler(
  config: SchedulerConfig,
  where: string,
): ProcessConfig & { type: 'ddpm' } {
  if (config.trained_betas) {
    throw new InputError(
      `${where}: "trained_betas" are not supported; use a config with a named "beta_schedule".`,
    )
  }
  for (const key of ['thresholding', 'rescale_betas_zero_snr'] as const) {
    if (config[key]) throw new InputError(`${where}: "${key}" is not supported; set it to false.`)
  }
  const type = lookUp(`"beta_schedule" in ${where}`, SCHEDULES, config.beta_schedule)
  return {
    type: 'ddpm',
    steps: config.num_train_timesteps,
    schedule: type === 'squaredcos_cap_v2' ? type : { type, start: config.beta_start, end: config.beta_end },
    prediction: lookUp(`"prediction_type" in ${where}`, PREDICTIONS, config.prediction_type),
    clip: clips(config),
    ...(clips(config) && { clipRange: config.clip_sample_range }),
  }
}

/** The default of the class, where the config does not say. */
function clips({ _class_name, clip_sample }: SchedulerConfig): boolean {
  return clip_sample ?? /^DD[IP]MScheduler$/.test(_class_name)
}

/** The sampler that a scheduler's config names. @throws InputError for one that there is not, by name */
export function samplerOfScheduler(config: SchedulerConfig, where: string): LatentSampler {
  return lookUp(`scheduler in ${where}`, CLASSES, config._class_name)
}

/**
 * Settings of a sampler for a pipeline: steps are placed as the scheduler's config says, so that a model is
 * sampled at the times its authors meant.
 */
export function samplerFromScheduler(
  sampler: LatentSampler,
  steps: number,
  config: SchedulerConfig,
): SamplerConfig {
  const offset = config.steps_offset
  const final = config.set_alpha_to_one === false ? 'first-step' : 'clean'
  const leading = { spacing: 'leading', offset } as const
  switch (sampler) {
    case 'ddim':
      return { type: 'ddim', steps, ...leading, final }
    case 'pndm':
      return { type: 'pndm', steps, ...leading, final }
    case 'ddpm':
      return { type: 'ddpm', steps, ...(steps < config.num_train_timesteps && leading) }
    case 'dpm-solver':
      return { type: 'dpm-solver', steps, spacing: 'linspace' }
    case 'euler':
    case 'heun':
      return { type: sampler, steps, ...leading }
  }
}

/** Settings of a process as a scheduler's config, for export. */
export function schedulerConfig(
  process: ProcessConfig & { type: 'ddpm' },
  base: Partial<SchedulerConfig> = {},
): SchedulerConfig {
  const { steps = 100, schedule = 'squaredcos_cap_v2', prediction = 'epsilon' } = process
  const { type, ...range } = typeof schedule === 'string' ? { type: schedule } : schedule
  if (!Object.hasOwn(SCHEDULES, type)) {
    throw new InputError(
      `The schedule "${type}" has no name in diffusers; train with one of ${Object.keys(SCHEDULES).join(', ')} to export.`,
    )
  }
  const defaults = type === 'scaled_linear' ? { start: 0.00085, end: 0.012 } : { start: 0.0001, end: 0.02 }
  const { start, end } = { ...defaults, ...range }
  const names = { epsilon: 'epsilon', velocity: 'v_prediction', sample: 'sample' } as const
  return {
    ...schedulerSchema.parse({ _class_name: 'DDIMScheduler', ...base }),
    num_train_timesteps: steps,
    beta_schedule: type,
    beta_start: start,
    beta_end: end,
    prediction_type: names[prediction],
    clip_sample: process.clip ?? true,
    ...(process.clip !== false && { clip_sample_range: process.clipRange ?? 1 }),
  }
}
