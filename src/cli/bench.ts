import { loadEnvironment } from '../../envs/index.ts'
import { isImageJob, type Job, type JobInput, jobName } from '../benchmark/job.ts'
import { protocolJobs } from '../benchmark/protocol.ts'
import { runBenchmark } from '../benchmark/runner.ts'
import type { PlannerConfig } from '../config/planner.ts'
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
  const collecting = new Map<string, Promise<string>>()
  const quiet: Output = { ...output, say() {}, progress: () => ({ update() {}, stop() {} }) }
  const prepare = async (job: Job) => {
    if (isImageJob(job)) return undefined
    const { config } = job as Job<PlannerConfig>
    const environment = await loadEnvironment(config.environment)
    // Two jobs with the same demonstrations must not collect them at the same time.
    const key = JSON.stringify([config.environment, config.demonstrations])
    const demonstrations = collecting.get(key) ?? demonstrationsFor(config, environment, quiet)
    collecting.set(key, demonstrations)
    return { environment: environment.module, demonstrations: await demonstrations }
  }
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
