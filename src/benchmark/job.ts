import { isDeepStrictEqual } from 'node:util'
import { asMeant } from '../config/earlier.ts'
import { type ImageConfig, type ImageInput, imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import { type PlannerConfig, type PlannerInput, plannerSchema } from '../config/planner.ts'
import { lookUp } from '../errors.ts'
import { ARMS } from './arm.ts'
import { TASKS } from './task.ts'

/** Settings of what a job trains: a planner or an image generator. */
export type JobConfig = PlannerConfig | ImageConfig
/** The same as written. */
export type JobInput = PlannerInput | ImageInput

/** One run to be trained and evaluated. */
export interface Job<C extends JobConfig = JobConfig> {
  readonly task: string
  readonly arm: string
  readonly seed: number
  readonly config: C
}

/** Whether a job trains an image generator. */
export function isImageJob(job: Job): job is Job<ImageConfig> {
  return 'images' in job.config
}

/** Numbers of network evaluations at which every run plans, or makes images. */
export const EVALUATIONS = [1, 2, 4, 10] as const

/** Test episodes of seed s begin here plus s times {@link EPISODES_APART}, so that seeds share none. */
const FIRST_EPISODE = 100_000
const EPISODES_APART = 1000

/**
 * The job of an arm and a seed. Jobs of one task and seed are paired: they have the same demonstrations, initial
 * weights, minibatches, training times and test episodes, whatever the arm. Seeds share nothing, except where
 * data are dear: Push-T's demonstrations and the images of image generators are the same for all.
 *
 * @param change last changes of the config, such as fewer steps
 * @throws InputError for an unknown task or arm, with the nearest names
 */
export function createJob(
  task: string,
  arm: string,
  seed: number,
  change: (config: JobInput) => void = () => {},
): Job {
  const { config: common } = lookUp('task', TASKS, task)
  const { config: own } = lookUp('arm', ARMS, arm)
  const steps = common.training?.checkpointEvery
  const input: JobInput = structuredClone({
    ...common,
    ...own,
    seed,
    ...('environment' in common && { demonstrations: { seed, ...common.demonstrations } }),
    training: { ...common.training, evaluateEvery: null, keepBest: 0, logEvery: 100, validateEvery: steps },
    evaluation: { ...common.evaluation, seed: FIRST_EPISODE + EPISODES_APART * seed },
    engine: { threads: 1 },
  })
  change(input)
  return { task, arm, seed, config: parsed(input, `${task}, ${arm}`) }
}

function parsed(config: unknown, source: string): JobConfig {
  const images = isObject(config) && 'images' in config
  return images ? parseConfig(imageSchema, config, source) : parseConfig(plannerSchema, config, source)
}

/** `two-way/mlp/local/seed-3`: names a job, and its folder. */
export function jobName({ task, arm, seed }: Pick<Job, 'task' | 'arm' | 'seed'>): string {
  return `${task}/${arm}/seed-${seed}`
}

/**
 * What differs between the settings of a run that is there and those of a job; settings that did not exist when the
 * run was made had their defaults, or what {@link asMeant} says.
 *
 * @param source of the run's config, for the message
 * @throws InputError for a config that this version does not read
 */
export function settingsChanges(before: unknown, job: Job, source: string): string[] {
  const now = JSON.parse(JSON.stringify(job.config))
  return configChanges(comparableConfig(before, source), now)
}

/** The config of a run that is there as JSON holds it, with what was left to defaults filled in as it was meant. */
export function comparableConfig(before: unknown, source: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(parsed(asMeant(before), source)))
}

/** Where two configs differ, such as `training.steps: 3000 → 4000`; none if they are equal. */
export function configChanges(before: unknown, now: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, now)) return []
  if (!isObject(before) || !isObject(now)) {
    return [`${path}: ${JSON.stringify(before) ?? 'absent'} → ${JSON.stringify(now) ?? 'absent'}`]
  }
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) =>
    configChanges(before[key], now[key], path === '' ? key : `${path}.${key}`),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
