import { InputError } from '../errors.ts'
import { comparableConfig, configChanges, jobName } from './job.ts'
import type { JobRecord } from './record.ts'

/** What an arm may change of its task's settings. */
const OWN = ['coupling', 'process', 'sampler']

/**
 * Makes sure, job by job, that runs compare: no job twice, one task the same settings in every run but for the
 * seeds and what arms are made of, and one arm the same in every run.
 *
 * @param path of the file, for messages
 * @returns a function that takes each job with its line, from 0
 * @throws InputError (from that function) for a job that is there already, or with other settings than the first
 */
export function pairedJobs(path: string): (job: JobRecord, line: number) => void {
  const lines = new Map<string, number>()
  const ofTasks = new Map<string, First>()
  const ofArms = new Map<string, First>()
  return (job, line) => {
    const name = jobName(job)
    const before = lines.get(name)
    if (before !== undefined) {
      throw new InputError(
        `${path}, line ${line + 1}: ${name} is there already, in line ${before + 1}; remove one of the two runs.`,
      )
    }
    lines.set(name, line)
    const config = unseeded(comparableConfig(job.config, name))
    const shared = Object.fromEntries(Object.entries(config).filter(([key]) => !OWN.includes(key)))
    agree(ofTasks, job.task, shared)
    agree(ofArms, `${job.task}, ${job.arm}`, config)

    function agree(firsts: Map<string, First>, key: string, now: object): void {
      const first = firsts.get(key)
      if (!first) firsts.set(key, { config: now, name })
      const changes = first ? configChanges(first.config, now) : []
      if (changes.length === 0) return
      throw new InputError(
        `${path}, line ${line + 1}: ${name} was made with other settings than ${first?.name} (${changes.join('; ')}), so they do not compare; use another folder for it.`,
      )
    }
  }
}

interface First {
  readonly config: object
  readonly name: string
}

/** A config without the seeds that differ between the runs of an arm. */
function unseeded(config: Record<string, unknown>): Record<string, unknown> {
  const without = (section: unknown) => {
    const { seed, ...rest } = section as Record<string, unknown>
    return rest
  }
  const sections = ['demonstrations', 'evaluation'].flatMap((key) =>
    config[key] === undefined ? [] : [[key, without(config[key])]],
  )
  return { ...without(config), ...Object.fromEntries(sections) }
}
