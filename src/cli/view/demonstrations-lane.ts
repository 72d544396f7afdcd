import { basename } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import { type Dataset, toEpisodes } from '../../data/dataset.ts'
import type { Environment } from '../../env/environment.ts'
import { InputError } from '../../errors.ts'
import { drawnCount } from './demonstration-paths.ts'
import { type DrawnPath, demonstrationsMessage, statesOf } from './demonstrations-message.ts'
import type { Lane } from './lane.ts'
import { framesMessage, sceneMessage } from './scene-messages.ts'

/** Demonstrations that are shown. */
export interface DemonstrationsLaneOptions {
  readonly hub: Hub
  readonly run: number
  readonly path: string
  readonly dataset: Dataset
  readonly environment: Environment
}

/**
 * A dataset of demonstrations, drawn from its observations.
 *
 * @throws InputError if the environment cannot tell a state from an observation
 */
export function demonstrationsLane(options: DemonstrationsLaneOptions): Lane {
  const { hub, run, path, dataset, environment } = options
  const { dynamics } = environment
  if (!dynamics.resembling) {
    throw new InputError(
      `Observations of ${environment.name} do not tell what to draw; give its dynamics a function "resembling".`,
    )
  }
  const episodes = toEpisodes(dataset)
  const states = (index: number) => statesOf(dynamics, episodes[index].columns.observation)
  const drawn = (index: number): DrawnPath => ({
    points: states(index).map((state) => dynamics.position(state)),
    mode: episodes[index].mode,
  })
  const scene = dynamics.scene(states(0)[0])
  return {
    firstSeed: 0,
    scene,
    async begin() {
      hub.publish({
        type: 'run',
        run,
        label: basename(path),
        kind: 'demonstrations',
        environment: environment.name,
        summary: environment.summary,
        config: JSON.stringify({ ...dataset.attributes, episodes: episodes.length }),
        modes: [...(dynamics.modes?.names ?? [])],
        period: dynamics.period,
        act: 1,
        step: 0,
      })
      hub.publish(sceneMessage(run, scene))
    },
    async *rollOut(numbers) {
      for (const number of numbers) {
        if (number >= episodes.length) return
        const { success, mode } = episodes[number]
        const reached = states(number)
        hub.publish({
          type: 'episode',
          run,
          episode: number,
          success,
          mode,
          reward: reached.reduce((most, state) => Math.max(most, dynamics.reward(state)), 0),
          path: Float32Array.from(reached.flatMap((state) => dynamics.position(state))),
          replans: [],
          latency: new Float32Array(0),
          step: 0,
        })
        yield
      }
    },
    async *open(number) {
      if (number >= episodes.length || hub.has(`/run/${run}/episode/${number}/frames`)) return
      hub.publish(framesMessage(run, number, dynamics, states(number)))
      yield
    },
    async *demonstrate() {
      const shown = episodes.slice(0, drawnCount(dynamics)).map((_, index) => drawn(index))
      hub.publish(demonstrationsMessage(run, shown))
      yield
    },
  }
}
