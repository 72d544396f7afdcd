import { parseConfig } from '../../config/parse.ts'
import { plannerSchema } from '../../config/planner.ts'
import { isImageConfig, isLatentConfig } from '../../config/run-config.ts'
import type { RunView } from '../../run/run-folder.ts'
import { imagesLane } from './images-lane.ts'
import type { Lane } from './lane.ts'
import type { ShowOptions } from './open-lanes.ts'
import { plannerLane } from './planner-lane.ts'

/** The lane that shows a run of any kind, and the steps it is trained for. */
export interface RunLane {
  readonly lane: Lane
  readonly steps: number
}

/**
 * Shows a run: a planner's rolls out, those of image generators are watched.
 *
 * @param run its number
 * @throws InputError if the config is that of no run
 */
export async function runLane(
  folder: RunView,
  run: number,
  options: Omit<ShowOptions, 'onCheckpoint'>,
): Promise<RunLane> {
  if (isImageConfig(folder.config) || isLatentConfig(folder.config)) {
    return { lane: imagesLane(options.hub, run, folder), steps: stepsOf(folder.config) }
  }
  const config = parseConfig(plannerSchema, folder.config, `${folder.path}/config.json`)
  const environment = await options.loadEnvironment(config.environment)
  return {
    lane: plannerLane({ ...options, run, folder, config, environment }),
    steps: config.training.steps,
  }
}

/** Steps of training; those of an autoencoder stand under its own name. */
function stepsOf(config: unknown): number {
  const { training, autoencoder } = config as {
    readonly training?: { readonly steps?: number }
    readonly autoencoder?: { readonly training?: { readonly steps?: number } }
  }
  return training?.steps ?? autoencoder?.training?.steps ?? 0
}
