import { existsSync } from 'node:fs'
import type { PlannerConfig } from '../../config/planner.ts'
import { collectDemonstrations } from '../../data/collect.ts'
import { type Dataset, toEpisodes } from '../../data/dataset.ts'
import { readReplayBuffer } from '../../data/replay-buffer.ts'
import type { Environment } from '../../env/environment.ts'
import { expectedDemonstrations } from '../demonstrations.ts'
import { type DrawnPath, statesOf } from './demonstrations-message.ts'

/** Demonstrations that are drawn, at most: those without modes have no bundles, and hide what is before them. */
const DRAWN = { modes: 96, none: 24 } as const
/** Demonstrations collected where there is no file of them. */
const COLLECTED = 24

/** How many demonstrations to draw. */
export function drawnCount({ modes }: Pick<Environment['dynamics'], 'modes'>): number {
  return modes ? DRAWN.modes : DRAWN.none
}

/** The demonstrations that a planner was trained on: of its file, or a few of the expert's, which are the first of it. */
export async function demonstrationsOf(
  config: PlannerConfig,
  environment: Environment,
): Promise<Dataset | undefined> {
  const { count, seed } = config.demonstrations
  const path = expectedDemonstrations(config, environment)
  if (existsSync(path)) {
    return readReplayBuffer(path, { columns: ['observation', 'action'], environment: environment.dynamics })
  }
  if (config.demonstrations.path !== undefined || !environment.demonstrate) return undefined
  return collectDemonstrations(environment, { count: Math.min(count, COLLECTED), seed })
}

/** Paths of the agent in the demonstrations; none where observations do not tell them. */
export async function demonstrationPaths(
  config: PlannerConfig,
  environment: Environment,
): Promise<DrawnPath[]> {
  const { dynamics } = environment
  if (!dynamics.resembling) return []
  const dataset = await demonstrationsOf(config, environment)
  if (!dataset) return []
  // Experts show every mode in turn, so the first ones show all of them.
  return toEpisodes(dataset)
    .slice(0, drawnCount(dynamics))
    .map(({ columns, mode }) => ({
      points: statesOf(dynamics, columns.observation).map((state) => dynamics.position(state)),
      mode,
    }))
}
