import { loadEnvironment } from '../../envs/index.ts'
import { isImageJob, type Job, type JobInput, jobName } from '../benchmark/job.ts'
import { measurePaces } from '../benchmark/pace.ts'
import { protocolJobs } from '../benchmark/protocol.ts'
import { readResults, writePaces } from '../benchmark/results.ts'
import { runBenchmark } from '../benchmark/runner.ts'
import type { PlannerConfig } from '../config/planner.ts'
import { InputError, lookUp } from '../errors.ts'
import { demonstrationsFor } from './demonstrations.ts'
import type { Output } from './output.ts'
import { assign } from './settings.ts'

/** What `bench <protocol>` takes. */
export interface BenchOptions {
  readonly out: string
  readonly tasks?: readonly string[]
  readonly arms?: readonly string[]
  readonly seeds?: number
  readonly workers?: number
  readonly set: readonly string[]
  readonly list?: boolean
}

/** Runs a protocol, or lists its jobs. @returns whether all of them are done */
export async function bench(
  protocol: string,
  options: BenchOptions,
  output: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const { out: folder, tasks, arms, seeds, workers, set } = options
  const change = (config: JobInput) => {
    for (const override of set) assign(config as unknown as Record<string, unknown>, override)
  }
  const jobs = protocolJobs(protocol, { tasks, arms, seeds, change })
  if (options.list) {
    for (const job of jobs) {
      output.say(jobName(job))
      output.record({ type: 'job', name: jobName(job) })
    }
    return true
  }
  const prepare = preparing(output)
  output.say(`${jobs.length} jobs of ${protocol}, results in ${folder}`)
  let progress: ReturnType<Output['progress']> | undefined
  const complete = await runBenchmark(jobs, {
    folder,
    workers,
    prepare,
    signal,
    onProgress({ jobs: total, finished, steps, totalSteps, running }) {
      progress ??= output.progress('training steps', totalSteps, steps)
      progress.update(steps, `${finished}/${total} jobs; ${running.join(', ')}`)
    },
  })
  progress?.stop()
  output.say(complete ? `done; immiscible bench report --out ${folder}` : 'stopped; start again to go on')
  output.record({ type: 'benchmark', protocol, folder, complete })
  return complete
}

/** What `bench pace` takes. */
export interface PaceOptions {
  readonly out: string
  readonly tasks?: readonly string[]
  readonly arms?: readonly string[]
  readonly rounds: number
}

/**
 * Measures the paces of the arms that have results.
 *
 * @returns whether it was not stopped
 * @throws InputError without results, and for a task or an arm that no run is of, with the nearest names
 */
export async function pace(
  { out: folder, tasks, arms, rounds }: PaceOptions,
  output: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const { jobs } = readResults(folder)
  const known = new Map(jobs.map((job) => [`${job.task}, ${job.arm}`, job]))
  for (const [kind, wanted] of [
    ['task', tasks],
    ['arm', arms],
  ] as const) {
    const there = Object.fromEntries(jobs.map((job) => [job[kind], true]))
    for (const name of wanted ?? []) lookUp(`${kind} of the results in ${folder}`, there, name)
  }
  const pairs = [...known.values()].filter(
    ({ task, arm }) => (tasks?.includes(task) ?? true) && (arms?.includes(arm) ?? true),
  )
  if (pairs.length === 0) {
    throw new InputError(
      `No run in ${folder} is of these tasks and arms; there are: ${[...known.keys()].join('; ')}.`,
    )
  }
  let progress: ReturnType<Output['progress']> | undefined
  const paces = await measurePaces(pairs, {
    rounds,
    prepare: preparing(output),
    signal,
    onProgress(done, total, name) {
      progress ??= output.progress('paces', total, 0)
      progress.update(done, name)
    },
  })
  progress?.stop()
  if (!paces) return false
  await writePaces(folder, paces)
  for (const record of paces) output.record(record)
  output.say(`${paces.length} paces in ${folder}; immiscible bench report --out ${folder}`)
  return true
}

/** Makes sure that a job's demonstrations are there. */
function preparing(output: Output) {
  const collecting = new Map<string, Promise<string>>()
  const quiet: Output = { ...output, say() {}, progress: () => ({ update() {}, stop() {} }) }
  return async (job: Job) => {
    if (isImageJob(job)) return undefined
    const { config } = job as Job<PlannerConfig>
    const environment = await loadEnvironment(config.environment)
    // Two jobs with the same demonstrations must not collect them at the same time.
    const key = JSON.stringify([config.environment, config.demonstrations])
    const demonstrations = collecting.get(key) ?? demonstrationsFor(config, environment, quiet)
    collecting.set(key, demonstrations)
    return { environment: environment.module, demonstrations: await demonstrations }
  }
}
