import { type ImageConfig, imageSchema } from './images.ts'
import { parseConfig } from './parse.ts'
import { type PlannerConfig, plannerSchema } from './planner.ts'

/** The `config.json` of any run. */
export type RunConfig = PlannerConfig | ImageConfig

/** Whether a config, as written or as parsed, is that of an image generator: it says which images. */
export function isImageConfig(config: unknown): config is ImageConfig {
  return typeof config === 'object' && config !== null && 'images' in config
}

/** Checks a config of whatever kind and fills the defaults in. @throws InputError as {@link parseConfig} */
export function parseRunConfig(value: unknown, source: string): RunConfig {
  return isImageConfig(value)
    ? parseConfig(imageSchema, value, source)
    : parseConfig(plannerSchema, value, source)
}
