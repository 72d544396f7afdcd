import type { Hub } from '../../../viewer/server/index.ts'
import { parseConfig } from '../../config/parse.ts'
import { plannerSchema } from '../../config/planner.ts'
import type { Environment } from '../../env/environment.ts'
import { readRun } from '../../run/run-folder.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'
import type { Lane } from './lane.ts'
import { plannerLane } from './planner-lane.ts'

/** What to show. */
export interface ShowOptions {
  readonly hub: Hub
  readonly which: Which
  readonly loadEnvironment: (name: string) => Promise<Environment>
  readonly output: Output
  readonly seed?: number
  readonly threads?: number
}

/** A lane for the run in a folder. @throws InputError if there is no run, or its config is damaged */
export async function runLane(path: string, run: number, options: ShowOptions): Promise<Lane> {
  const folder = await readRun(path)
  const config = parseConfig(plannerSchema, folder.config, `${path}/config.json`)
  const environment = await options.loadEnvironment(config.environment)
  return plannerLane({ ...options, run, folder, config, environment })
}
