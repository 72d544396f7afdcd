import { createHub } from '../../../viewer/server/index.ts'
import type { PlannerConfig } from '../../config/planner.ts'
import type { Environment } from '../../env/environment.ts'
import type { EpisodeRecord } from '../../evaluate/episode-record.ts'
import { readRun } from '../../run/run-folder.ts'
import type { RunEvent } from '../../train/run-events.ts'
import type { Output } from '../output.ts'
import { plannerLane } from './planner-lane.ts'
import { createSession, type Session } from './session.ts'
import { beginSession, ended, type Serving, serveHub } from './view.ts'
import { type Watch, watchRun } from './watch-run.ts'

/** A view of training under way. */
export interface TrainingView {
  /** Shows an event. Never waits, and never keeps training waiting. */
  onEvent(event: RunEvent): void
  /** After training: stays open until the signal where somebody is at the terminal, and closes. */
  stay(signal: AbortSignal): Promise<void>
}

/**
 * Serves a view of a run that is about to be trained in a thread of this process. What is shown costs training
 * nothing: figures come from the run's files, episodes from its own evaluations. Only what a viewer asks for,
 * such as the plans of an episode, is computed, on one thread.
 */
export async function viewTraining(
  request: {
    readonly folder: string
    readonly config: PlannerConfig
    readonly environment: Environment
    readonly output: Output
  } & Serving,
): Promise<TrainingView> {
  const { folder: path, config, environment, output } = request
  const hub = createHub()
  let session: Session | undefined
  let watch: Watch | undefined
  let evaluated: readonly EpisodeRecord[] = []
  const viewer = await serveHub(hub, output, request, (message) => session?.onRequest(message))
  const begin = async () => {
    const folder = await readRun(path)
    const lane = plannerLane({
      hub,
      run: 0,
      folder,
      config,
      environment,
      which: 'latest',
      threads: 1,
      output,
    })
    session = createSession(hub, [lane], output)
    watch = watchRun({ hub, run: 0, folder, steps: config.training.steps })
    await beginSession(session)
    await watch.look()
  }
  return {
    onEvent(event) {
      if (event.type === 'started') begin().catch((error) => output.warn(String(error)))
      if (event.type === 'episodes') evaluated = event.episodes
      if (event.type === 'checkpoint') {
        // Only now can the weights that rolled the episodes out be loaded, to sample their plans.
        const [lane] = session?.lanes ?? []
        lane?.reload?.(event.step)
        lane?.showEpisodes?.(evaluated, event.step)
        evaluated = []
      }
      if (event.type === 'finished') watch?.look()
    },
    async stay(signal) {
      if (output.interactive) {
        output.say(`the viewer stays at ${viewer.url}; Ctrl-C ends it`)
        await ended(signal)
      }
      watch?.close()
      await session?.close()
      await viewer.close()
    },
  }
}
