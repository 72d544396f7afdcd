import { existsSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import type { PlannerConfig } from '../config/planner.ts'
import { collectInTurns } from '../data/collect.ts'
import { episodeCount, stepCount } from '../data/dataset.ts'
import { refuseExisting, writeReplayBuffer } from '../data/replay-buffer.ts'
import type { Environment } from '../env/environment.ts'
import { packageFolder } from '../package-folder.ts'
import type { Output } from './output.ts'

/** Where the demonstrations of an environment are kept unless told otherwise. */
export function demonstrationsPath(environment: string, count: number, seed: number): string {
  return join('data', `${basename(environment, extname(environment))}-${count}-seed${seed}.zarr.zip`)
}

/**
 * Collects demonstrations and writes them to `path`.
 *
 * @throws InputError if there is something already that may not be overwritten, before any is collected
 * @throws what `signal` gives as its reason, if it is aborted before all are collected; nothing is written then
 */
export async function collect(
  environment: Environment,
  options: {
    readonly count: number
    readonly seed: number
    readonly path: string
    readonly overwrite?: boolean
  },
  output: Output,
  signal?: AbortSignal,
): Promise<void> {
  const { count, seed, path, overwrite } = options
  if (!overwrite) await refuseExisting(path)
  const progress = output.progress(`demonstrations of ${environment.name}`, count)
  const onProgress = (done: number) => progress.update(done)
  const dataset = await collectInTurns(environment, { count, seed, onProgress }, signal).finally(() =>
    progress.stop(),
  )
  await writeReplayBuffer(path, dataset, { overwrite })
  const successes = dataset.success?.reduce((sum, value) => sum + value, 0) ?? 0
  output.say(
    `${episodeCount(dataset)} demonstrations (${stepCount(dataset)} steps, ${successes} successes) in ${path}`,
  )
  output.record({
    type: 'demonstrations',
    path,
    episodes: episodeCount(dataset),
    steps: stepCount(dataset),
    successes,
  })
}

/** Whether these demonstrations come with this package. @returns their path, or undefined */
function shipped(config: PlannerConfig): string | undefined {
  const { count, seed } = config.demonstrations
  // A module of someone's own is named by its path, whatever the environment in it is called.
  const path = join(
    packageFolder(),
    'demonstrations',
    basename(demonstrationsPath(config.environment, count, seed)),
  )
  return extname(config.environment) === '' && existsSync(path) ? path : undefined
}

/** Where a config's demonstrations are to be found, whether they are there or not. */
export function expectedDemonstrations(
  config: PlannerConfig,
  environment: Pick<Environment, 'name'>,
): string {
  const { path, count, seed } = config.demonstrations
  if (path !== undefined) return path
  const own = demonstrationsPath(environment.name, count, seed)
  return existsSync(own) ? own : (shipped(config) ?? own)
}

/** The path of a config's demonstrations, which are collected if they are the expert's and not there yet. */
export async function demonstrationsFor(
  config: PlannerConfig,
  environment: Environment,
  output: Output,
  signal?: AbortSignal,
): Promise<string> {
  const { count, seed } = config.demonstrations
  const path = expectedDemonstrations(config, environment)
  if (config.demonstrations.path === undefined && !existsSync(path))
    await collect(environment, { count, seed, path }, output, signal)
  return path
}
