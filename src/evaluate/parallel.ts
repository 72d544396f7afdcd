import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Environment } from '../env/environment.ts'
import { FailureError, InputError } from '../errors.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { checkHorizon, DEFAULT_HORIZON } from './horizon.ts'
import type { RolloutOptions } from './rollout.ts'
import { type PlannerSpecification, type RolloutJob, runRolloutJob } from './rollout-job.ts'
import type { RolloutAnswer } from './rollout-worker.ts'

/** Episodes planned for in one call, unless the options say otherwise. */
export const DEFAULT_GROUP = 25

/** How a pool of rollout workers is made. */
export interface RolloutPoolOptions {
  /** Worker threads at most; default: as many as there are cores. 0 runs everything in the calling thread. */
  readonly workers?: number
}

/** What to roll out. */
export interface ParallelRollout extends RolloutOptions {
  /** Its `module` is loaded by the workers. */
  readonly environment: Pick<Environment, 'name' | 'module'>
  readonly planner: PlannerSpecification
  /** One seed for each episode. */
  readonly seeds: readonly number[]
  /** Episodes planned together, default {@link DEFAULT_GROUP}. It may matter to the last bits of a plan. */
  readonly group?: number
  /** Called after each group with the number of episodes done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Worker threads that roll out episodes. Starting them takes a moment, so keep a pool for several evaluations. */
export interface RolloutPool {
  /**
   * Rolls out all episodes in groups. The groups depend on the seeds' order and the group's size only, so the
   * records are the same whatever the number of workers; only the latencies are measured.
   *
   * @returns one record for each seed, in their order
   * @throws InputError for bad options or whatever a worker found wrong with its input
   * @throws FailureError when a worker fails, naming the episodes it was at
   * @throws the signal's reason when aborted, once the plans under way are done
   */
  run(rollout: ParallelRollout): Promise<EpisodeRecord[]>
  /** Ends the workers. */
  close(): Promise<void>
}

/** Counts the planners of all pools, so that a worker never takes one for another. */
let planners = 0

/** Starts a pool of rollout workers; close it after use. @throws InputError for a bad number of workers */
export function createRolloutPool(options: RolloutPoolOptions = {}): RolloutPool {
  const workers = options.workers ?? availableParallelism()
  if (!Number.isInteger(workers) || workers < 0) {
    throw new InputError(`"workers" is ${workers}; give a whole number, or 0 for the calling thread.`)
  }
  // Workers inherit the options of this process, such as the loader of TypeScript sources.
  const worker = new URL(`./rollout-worker${extname(import.meta.url)}`, import.meta.url)
  const pool =
    workers === 0
      ? undefined
      : new Piscina<RolloutJob, RolloutAnswer>({
          filename: fileURLToPath(worker),
          // Threads start when there is work for them, and stay.
          minThreads: 0,
          maxThreads: workers,
          idleTimeout: Number.POSITIVE_INFINITY,
          concurrentTasksPerWorker: 1,
        })

  const runGroup = async (job: RolloutJob): Promise<EpisodeRecord[]> =>
    pool ? unwrap(await pool.run(job)) : runRolloutJob(job)

  return {
    async run(request) {
      const { seeds, signal, onProgress } = request
      signal?.throwIfAborted()
      const stop = new Int32Array(new SharedArrayBuffer(4))
      const jobs = toJobs(request, stop)
      const results: EpisodeRecord[][] = []
      let next = 0
      let done = 0
      let failure: { readonly reason: unknown } | undefined
      // Groups under way are asked to stop rather than killed: a thread may be inside native code.
      const giveUp = (reason: unknown): void => {
        failure ??= { reason }
        Atomics.store(stop, 0, 1)
      }
      const lane = async (): Promise<void> => {
        while (next < jobs.length && !failure) {
          const index = next++
          try {
            results[index] = await runGroup(jobs[index])
            done += jobs[index].seeds.length
            if (!failure) onProgress?.(done, seeds.length)
          } catch (error) {
            giveUp(describe(error, jobs[index]))
          }
        }
      }
      const abort = (): void => giveUp(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      try {
        await Promise.all(Array.from({ length: Math.max(1, workers) }, lane))
      } finally {
        signal?.removeEventListener('abort', abort)
      }
      if (failure) throw failure.reason
      return results.flat()
    },
    async close() {
      await pool?.destroy()
    },
  }
}

/** Rolls out episodes on workers started for this call alone; see {@link RolloutPool.run}. */
export async function rolloutParallel(
  request: ParallelRollout,
  options: RolloutPoolOptions = {},
): Promise<EpisodeRecord[]> {
  const groups = Math.ceil(request.seeds.length / (request.group ?? DEFAULT_GROUP))
  const workers = options.workers ?? Math.min(availableParallelism(), Math.max(1, groups))
  const pool = createRolloutPool({ workers })
  try {
    return await pool.run(request)
  } finally {
    await pool.close()
  }
}

function toJobs(request: ParallelRollout, stop: Int32Array): RolloutJob[] {
  const { environment, planner, seeds, group = DEFAULT_GROUP, record = false } = request
  if (!Number.isInteger(group) || group < 1) {
    throw new InputError(`"group" is ${group}; give a whole number of at least 1.`)
  }
  const horizon = checkHorizon(request.horizon ?? DEFAULT_HORIZON)
  const plannerKey = `planner ${planners++}`
  const jobs: RolloutJob[] = []
  for (let first = 0; first < seeds.length; first += group) {
    const some = seeds.slice(first, first + group)
    jobs.push({ environment: environment.module, planner, plannerKey, seeds: some, horizon, record, stop })
  }
  return jobs
}

function unwrap(answer: RolloutAnswer): EpisodeRecord[] {
  if ('episodes' in answer) return answer.episodes
  const { name, message, stack } = answer.error
  const error = name === 'InputError' ? new InputError(message) : new Error(message)
  error.stack = stack
  throw error
}

/** What stopped a group, in words that name its episodes, unless the input was wrong. */
function describe(error: unknown, { seeds }: RolloutJob): Error {
  if (error instanceof InputError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new FailureError(
    `Rolling out the episodes with seeds ${seeds[0]} to ${seeds[seeds.length - 1]} failed: ${message}`,
    { cause: error },
  )
}
