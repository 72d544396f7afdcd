import { parseConfig } from '../config/parse.ts'
import { plannerSchema } from '../config/planner.ts'
import type { Environment } from '../env/environment.ts'
import { width } from '../env/space.ts'
import { InputError } from '../errors.ts'
import { readLeRobotPolicy } from '../policy/lerobot.ts'
import { createPolicy } from '../policy/policy.ts'
import { RANKING } from '../train/planner-run.ts'
import { beginRun } from '../train/run.ts'
import type { Output } from './output.ts'
import { assign } from './settings.ts'

/** What to make a run of. */
export interface ImportRequest {
  /** Of the policy, as LeRobot saved it. */
  readonly folder: string
  /** Name of the environment it acts in. */
  readonly environment: string
  /** Folder of the new run. */
  readonly run: string
  /** Whether the environment observes its own state before the robot's. */
  readonly environmentFirst?: boolean
  /** Settings to change, `key=value`. */
  readonly set: readonly string[]
  readonly loadEnvironment: (name: string) => Promise<Environment>
  readonly output: Output
}

/** Makes a run of a policy that LeRobot trained. @throws InputError where policy, environment and settings do not fit */
export async function importPolicy(request: ImportRequest): Promise<void> {
  const { folder, run, environmentFirst, output } = request
  const environment = await request.loadEnvironment(request.environment)
  const policy = await readLeRobotPolicy(folder, { environmentFirst })
  const { settings, parameters, normalizer, observationWidth, actionWidth } = policy
  const { observation, action } = environment.dynamics
  if (observationWidth !== width(observation) || actionWidth !== width(action)) {
    throw new InputError(
      `The policy in ${folder} has observations of ${observationWidth} and actions of ${actionWidth} numbers, the environment ${environment.name} ${width(observation)} and ${width(action)}; choose the environment that it was trained for.`,
    )
  }
  const config = { environment: request.environment, ...structuredClone(settings) }
  for (const override of request.set) assign(config, override)
  const parsed = parseConfig(plannerSchema, config, folder)
  const { network } = createPolicy(parsed, environment)
  const { training } = parsed
  const checkpoint = await beginRun(
    run,
    parsed,
    { network, training, normalizer, ranking: RANKING },
    parameters,
  )
  output.say(`run folder ${run}; see how it does: immiscible rollout --run ${run}`)
  output.record({ type: 'imported', run, checkpoint })
}
