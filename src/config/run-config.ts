import { type ImageConfig, imageSchema } from './images.ts'
import { type LatentConfig, latentSchema } from './latent.ts'
import { parseConfig } from './parse.ts'
import { type PlannerConfig, plannerSchema } from './planner.ts'

/** The `config.json` of any run. */
export type RunConfig = PlannerConfig | ImageConfig | LatentConfig

/** Whether a config, as written or as parsed, is that of an image generator: it says which images. */
export function isImageConfig(config: unknown): config is ImageConfig {
  return isObject(config) && 'images' in config && !isLatentConfig(config)
}

/** Whether a config, as written or as parsed, is that of latent diffusion: only those speak of its parts. */
export function isLatentConfig(config: unknown): config is LatentConfig {
  return (
    isObject(config) &&
    ['denoiser', 'autoencoder', 'captions', 'pipeline', 'latents'].some((key) => key in config)
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Checks a config of whatever kind and fills the defaults in. @throws InputError as {@link parseConfig} */
export function parseRunConfig(value: unknown, source: string): RunConfig {
  if (isLatentConfig(value)) return parseConfig(latentSchema, value, source)
  return isImageConfig(value)
    ? parseConfig(imageSchema, value, source)
    : parseConfig(plannerSchema, value, source)
}
