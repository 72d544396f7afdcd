import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import { readReplayBuffer } from '../../data/replay-buffer.ts'
import type { Environment } from '../../env/environment.ts'
import { InputError } from '../../errors.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'
import { demonstrationsLane } from './demonstrations-lane.ts'
import type { Lane } from './lane.ts'
import { isBegun, latentLane } from './latent-lane.ts'
import { type OpenLane, openRun } from './open-run.ts'

/** How to show what is shown. */
export interface ShowOptions {
  readonly hub: Hub
  readonly which: Which
  readonly loadEnvironment: (name: string) => Promise<Environment>
  readonly output: Output
  /** Environment of a dataset that does not name it. */
  readonly environment?: string
  /** Threads of one operation of a planner; default as in its config. */
  readonly threads?: number
  /** Called when there are newer weights of a run. */
  readonly onCheckpoint?: (lane: Lane, step: number) => void
}

/**
 * Opens what a path names: the folder of a run, or a dataset of demonstrations.
 *
 * @param run its number
 * @throws InputError if it is neither, or damaged
 */
export async function openLane(path: string, run: number, options: ShowOptions): Promise<OpenLane> {
  if (!existsSync(path)) throw new InputError(`There is no ${path}; give the folder of a run, or a dataset.`)
  if (path.endsWith('.recording')) {
    throw new InputError(`${path} is a recording, which is viewed alone; leave the other paths out.`)
  }
  if (existsSync(join(path, 'config.json'))) return openRun(path, run, options)
  // Latent diffusion makes its parts before there is a run.
  return isBegun(path) ? latentLane(path, run, options) : openDataset(path, run, options)
}

async function openDataset(path: string, run: number, options: ShowOptions): Promise<OpenLane> {
  const dataset = await readReplayBuffer(path, { columns: ['observation', 'action'] }).catch((error) => {
    if (!(error instanceof InputError)) throw error
    throw new InputError(
      `${path} is neither the folder of a run, which has a config.json, nor a dataset: ${error.message}`,
    )
  })
  const name = options.environment ?? dataset.attributes.environment
  if (typeof name !== 'string') {
    throw new InputError(`${path} does not name its environment; give it as --environment NAME.`)
  }
  const environment = await options.loadEnvironment(name)
  return { lane: demonstrationsLane({ ...options, run, path, dataset, environment }) }
}
