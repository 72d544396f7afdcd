import type { Environment } from '../env/environment.ts'
import { FailureError, InputError } from '../errors.ts'
import type { Planner } from '../policy/planner.ts'
import type { EpisodeRecord } from './episode-record.ts'
import type { Horizon } from './horizon.ts'
import { rollout } from './rollout.ts'

/**
 * How a thread can make a planner of its own: compiled functions cannot be sent to it, so it gets a module to
 * load and plain data to build from.
 */
export interface PlannerSpecification {
  /** URL of a module whose default export is a {@link PlannerFactory}. */
  readonly module: string
  /**
   * Anything `structuredClone` copies: a checkpoint's path, weights. Weights over a SharedArrayBuffer are not
   * copied for each worker.
   */
  readonly data?: unknown
}

/**
 * Makes a planner for an environment from a specification's data. Workers run side by side on all cores, so
 * the planner should use one thread.
 */
export type PlannerFactory = (data: unknown, environment: Environment) => Planner | Promise<Planner>

/** A group of episodes to roll out together. */
export interface RolloutJob {
  /** URL of the module whose default export is the environment. */
  readonly environment: string
  readonly planner: PlannerSpecification
  /** Names this planner among those that the worker has been asked for: it is made once per worker. */
  readonly plannerKey: string
  readonly seeds: readonly number[]
  readonly horizon: Horizon
  readonly record: boolean
  /** One shared number, not 0 once the group is to be given up. */
  readonly stop: Int32Array
}

/** The planner made last in this thread. One is enough: an evaluation has one planner. */
let latest: { readonly key: string; readonly planner: Promise<Planner> } | undefined

/**
 * Runs one group in this thread. @throws whatever loading, planning and the environment throw, and before the
 * next plan once the group is to be given up
 */
export async function runRolloutJob(job: RolloutJob): Promise<EpisodeRecord[]> {
  const environment = await defaultExport<Environment>(job.environment, 'environment')
  if (latest?.key !== job.plannerKey) {
    latest = { key: job.plannerKey, planner: makePlanner(job.planner, environment) }
  }
  const made = await latest.planner
  const planner: Planner = (histories, streams) => {
    if (Atomics.load(job.stop, 0) !== 0) throw new FailureError('The rollout was given up.')
    return made(histories, streams)
  }
  planner.prepare = made.prepare
  return rollout(environment, planner, job.seeds, { horizon: job.horizon, record: job.record })
}

async function makePlanner(specification: PlannerSpecification, environment: Environment): Promise<Planner> {
  const factory = await defaultExport<PlannerFactory>(specification.module, 'planner factory')
  return factory(specification.data, environment)
}

async function defaultExport<T>(module: string, what: string): Promise<T> {
  const loaded: { readonly default?: T } = await import(module)
  if (loaded.default === undefined) {
    throw new InputError(`The module ${module} has no default export; export the ${what} as its default.`)
  }
  return loaded.default
}
