import type { EpisodeRecord } from './episode-record.ts'
import type { RolloutJob } from './rollout-job.ts'

/** What a worker answers. Errors lose their class between threads, so they travel as plain data. */
export type RolloutAnswer =
  | { readonly episodes: EpisodeRecord[] }
  | { readonly error: { readonly name: string; readonly message: string; readonly stack?: string } }

// Awaited at the top level so that the pool's first attempt, to require this file, fails and it is imported:
// required under a TypeScript loader, every module below would exist twice, once of each kind.
const { runRolloutJob } = await import('./rollout-job.ts')

/** Entry point of the worker threads: rolls out one group. */
export default async function rolloutWorker(job: RolloutJob): Promise<RolloutAnswer> {
  try {
    return { episodes: await runRolloutJob(job) }
  } catch (error) {
    if (!(error instanceof Error)) return { error: { name: 'Error', message: String(error) } }
    const { name, message, stack } = error
    return { error: { name, message, stack } }
  }
}
