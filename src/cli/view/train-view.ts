import { join } from 'node:path'
import { createHub } from '../../../viewer/server/index.ts'
import type { Environment } from '../../env/environment.ts'
import type { EpisodeRecord } from '../../evaluate/episode-record.ts'
import { PARTS, readRun } from '../../run/run-folder.ts'
import type { RunEvent } from '../../train/run-events.ts'
import type { Output } from '../output.ts'
import { runLane } from './run-lane.ts'
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
 * Serves a view of a run of any kind that is about to be trained in a thread of this process. What is shown costs
 * training nothing: figures and images come from the run's files, episodes from its own evaluations. Only what a
 * viewer asks for, such as the plans of an episode, is computed, on one thread. A run that latent diffusion makes
 * first, its autoencoder, is shown until its own begins.
 */
export async function viewTraining(
  request: {
    readonly folder: string
    readonly loadEnvironment: (name: string) => Promise<Environment>
    readonly output: Output
  } & Serving,
): Promise<TrainingView> {
  const { folder: path, loadEnvironment, output } = request
  const hub = createHub()
  let session: Session | undefined
  let watch: Watch | undefined
  let stage: string | undefined
  let evaluated: readonly EpisodeRecord[] = []
  const viewer = await serveHub(hub, output, request, (message) => session?.onRequest(message))
  const close = async () => {
    watch?.close()
    await session?.close()
  }
  const begin = async (part: string | undefined) => {
    await close()
    hub.drop('/run/0')
    const folder = await readRun(part === undefined ? path : join(path, PARTS, part))
    const options = { hub, loadEnvironment, which: 'latest', threads: 1, output } as const
    const { lane, steps } = await runLane(folder, 0, options)
    session = createSession(hub, [lane], output)
    watch = watchRun({ hub, run: 0, folder, steps })
    await beginSession(session)
    await watch.look()
  }
  const tell = (text: string) => hub.publish({ type: 'notice', level: 'info', text })
  return {
    onEvent(event) {
      switch (event.type) {
        case 'stage':
          if (event.name === 'latents') tell(`Encoding ${event.total} images, once and for all …`)
          stage = event.name === 'latents' ? undefined : event.name
          break
        case 'started':
          tell(stage === undefined ? '' : `The ${stage} comes first.`)
          begin(stage).catch((error) => output.warn(String(error)))
          break
        case 'episodes':
          evaluated = event.episodes
          break
        case 'checkpoint': {
          // Only now can the weights that rolled the episodes out be loaded, to sample their plans.
          const [lane] = session?.lanes ?? []
          lane?.reload?.(event.step)
          lane?.showEpisodes?.(evaluated, event.step)
          evaluated = []
          break
        }
        case 'samples':
          watch?.look()
          break
        case 'finished':
          watch?.look()
          stage = undefined
          break
      }
    },
    async stay(signal) {
      if (output.interactive) {
        output.say(`the viewer stays at ${viewer.url}; Ctrl-C ends it`)
        await ended(signal)
      }
      await close()
      await viewer.close()
    },
  }
}
