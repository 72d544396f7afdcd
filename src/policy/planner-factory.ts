import type { PlannerConfig } from '../config/planner.ts'
import type { Normalizer } from '../data/normalizer.ts'
import { createEngine } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import type { HostParameters } from '../models/network.ts'
import type { Planner } from './planner.ts'
import { createPlanner } from './policy.ts'

/** What a rollout worker gets to make a planner from; plain data. */
export interface PlannerData {
  readonly config: PlannerConfig
  readonly parameters: HostParameters
  readonly normalizer: Normalizer
}

/** Makes a planner in a rollout worker, on one thread because the workers share the cores. */
export default async function plannerFactory(data: unknown, environment: Environment): Promise<Planner> {
  const { config, parameters, normalizer } = data as PlannerData
  const { name, device } = config.engine
  const engine = await createEngine({ engine: name, device, threads: 1 })
  return createPlanner(config, environment, { parameters, normalizer }, engine)
}
