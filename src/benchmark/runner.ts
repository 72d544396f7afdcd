import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { FailureError, InputError } from '../errors.ts'
import { lockFolder } from '../run/lock.ts'
import { type Job, jobName, settingsChanges } from './job.ts'
import type { JobAnswer } from './job-worker.ts'
import type { JobResult } from './record.ts'
import { openResults } from './results.ts'
import { type JobRequest, SHARED } from './run-job.ts'
import { jobVersions } from './versions.ts'

/** What to run where. */
export interface BenchmarkOptions {
  /** Results and run folders go here. */
  readonly folder: string
  /** Worker threads, each with one job and one thread of computing; default: one for each core. */
  readonly workers?: number
  /** Makes sure that a job's demonstrations are there, if it needs any. */
  readonly prepare: (job: Job) => Promise<JobRequest['sources']>
  /** Runs one job; by default in a worker thread, which a process that has everything loaded may not want. */
  readonly execute?: (request: JobRequest) => Promise<JobResult | undefined>
  readonly onProgress?: (progress: BenchmarkProgress) => void
  /** Lets the jobs under way leave a checkpoint, and starts no more. */
  readonly signal?: AbortSignal
}

/** How far a benchmark is. */
export interface BenchmarkProgress {
  readonly jobs: number
  readonly finished: number
  /** Training steps done and to do, over all jobs. */
  readonly steps: number
  readonly totalSteps: number
  /** Names of the jobs under way. */
  readonly running: readonly string[]
}

const PROGRESS_MILLISECONDS = 500

/**
 * Runs jobs side by side and appends their results in the order of the jobs, whichever ends first; so a benchmark
 * that is killed and started again ends with the same bytes as one that was not. Jobs whose results are there
 * already are not run again.
 *
 * @returns whether all are done; false if it was stopped
 * @throws InputError if results of other versions or settings are there already, naming the difference, or if
 *   another process uses the folder
 * @throws FailureError naming the jobs that failed, after the others are done
 */
export async function runBenchmark(jobs: readonly Job[], options: BenchmarkOptions): Promise<boolean> {
  const workers = options.workers ?? availableParallelism()
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InputError(`"workers" is ${workers}; give a whole number of at least 1.`)
  }
  await mkdir(options.folder, { recursive: true })
  const release = await lockFolder(options.folder)
  try {
    const results = openResults(options.folder, jobVersions())
    try {
      const open = jobs.filter((job) => !isFinished(job, results.jobs, options.folder))
      if (open.length === 0) return true
      return await runJobs(open, options, workers, (result) => results.append(result))
    } finally {
      results.close()
    }
  } finally {
    await release()
  }
}

function isFinished(job: Job, finished: readonly JobResult['job'][], folder: string): boolean {
  const { task, arm, seed } = job
  const found = finished.find((other) => other.task === task && other.arm === arm && other.seed === seed)
  if (!found) return false
  const changes = settingsChanges(found.config, job, `The results in ${folder}, ${jobName(job)}`)
  if (changes.length === 0) return true
  throw new InputError(
    `The results in ${folder} hold ${jobName(job)} with other settings (${changes.join('; ')}); use another --out.`,
  )
}

async function runJobs(
  jobs: readonly Job[],
  options: BenchmarkOptions,
  workers: number,
  append: (result: JobResult) => void,
): Promise<boolean> {
  const threads = options.execute ? undefined : workerThreads(Math.min(workers, jobs.length))
  const execute = options.execute ?? threads!.execute
  const shared = jobs.map(() => new Int32Array(new SharedArrayBuffer(8)))
  const done: (JobResult | 'failed' | undefined)[] = jobs.map(() => undefined)
  const failures: string[] = []
  const running = new Set<string>()
  let next = 0
  let appended = 0
  let input: InputError | undefined
  const stop = () => {
    for (const cells of shared) Atomics.store(cells, SHARED.stop, 1)
  }
  const stopped = () => options.signal?.aborted || input !== undefined
  const lane = async () => {
    while (next < jobs.length && !stopped()) {
      const index = next++
      const job = jobs[index]
      running.add(jobName(job))
      try {
        done[index] = await execute(await request(job, shared[index], options))
      } catch (error) {
        if (error instanceof InputError) {
          input ??= error
          stop()
        }
        failures.push(`${jobName(job)}: ${error instanceof Error ? error.message : error}`)
        done[index] = 'failed'
      }
      running.delete(jobName(job))
      for (; done[appended] !== undefined; appended++) {
        const result = done[appended]
        if (typeof result === 'object') append(result)
      }
    }
  }
  const report = () => {
    options.onProgress?.({
      jobs: jobs.length,
      finished: done.filter((result) => result !== undefined).length,
      steps: shared.reduce((sum, cells) => sum + Atomics.load(cells, SHARED.steps), 0),
      totalSteps: jobs.reduce((sum, { config }) => sum + config.training.steps, 0),
      running: [...running],
    })
  }
  const timer = setInterval(report, PROGRESS_MILLISECONDS)
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    await Promise.all(Array.from({ length: workers }, lane))
  } finally {
    clearInterval(timer)
    options.signal?.removeEventListener('abort', stop)
    await threads?.close()
  }
  report()
  if (input) throw input
  if (failures.length > 0) {
    throw new FailureError(
      `${failures.length} of ${jobs.length} jobs failed; start again to go on with them. ${failures.join(' ')}`,
    )
  }
  return !options.signal?.aborted
}

async function request(
  job: Job,
  shared: Int32Array,
  { folder, prepare }: BenchmarkOptions,
): Promise<JobRequest> {
  return {
    job,
    folder: join(folder, 'runs', ...jobName(job).split('/')),
    sources: await prepare(job),
    show: job.seed === 0,
    shared,
  }
}

/** Worker threads that run jobs, each one at a time. */
function workerThreads(count: number): {
  execute(request: JobRequest): Promise<JobResult | undefined>
  close(): Promise<void>
} {
  const pool = new Piscina<JobRequest, JobAnswer>({
    filename: fileURLToPath(new URL(`./job-worker${extname(import.meta.url)}`, import.meta.url)),
    minThreads: count,
    maxThreads: count,
    concurrentTasksPerWorker: 1,
  })
  return {
    async execute(job) {
      const answer = await pool.run(job)
      if ('result' in answer) return answer.result
      const { name, message, stack } = answer.error
      const error = name === 'InputError' ? new InputError(message) : new FailureError(message)
      error.stack = stack
      throw error
    },
    close: () => pool.destroy(),
  }
}
