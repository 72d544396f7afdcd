import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mean, median } from 'simple-statistics'
import { FailureError } from '../errors.ts'
import { createJob, type Job, jobName } from './job.ts'
import type { PlannerSources } from './planner-subject.ts'
import type { PaceRecord } from './record.ts'
import { planTimes, subjectOf } from './subjects.ts'
import { jobVersions } from './versions.ts'

/** Steps of training, whole pools of every coupling, and those of them whose compiled step still warms up. */
const STEPS = 128
const WARM_UP = 16

export interface PaceOptions {
  /** How often each arm has its turn; medians are kept. */
  readonly rounds: number
  readonly prepare: (job: Job) => Promise<PlannerSources | undefined>
  readonly onProgress?: (done: number, total: number, name: string) => void
  readonly signal?: AbortSignal
}

/**
 * Measures how fast arms train and plan: alone on the machine as far as this program is concerned, one after another,
 * in turns, so that they compare.
 *
 * @param pairs tasks and arms; see {@link createJob}
 * @returns a record for each pair, or undefined if it was stopped
 */
export async function measurePaces(
  pairs: readonly { readonly task: string; readonly arm: string }[],
  { rounds, prepare, onProgress, signal }: PaceOptions,
): Promise<PaceRecord[] | undefined> {
  const jobs = pairs.map(({ task, arm }) => createJob(task, arm, 0, shortened))
  const taken: PaceRecord[][] = jobs.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, job] of jobs.entries()) {
      if (signal?.aborted) return undefined
      onProgress?.(round * jobs.length + i, rounds * jobs.length, jobName(job))
      taken[i].push(await paceOf(job, await prepare(job)))
    }
  }
  return taken.map(medians)
}

function shortened({ training }: { training?: object }): void {
  const ends = { steps: STEPS, checkpointEvery: STEPS, validateEvery: STEPS }
  Object.assign(training!, { ...ends, diagnoseEvery: null })
}

async function paceOf(job: Job, sources?: PlannerSources): Promise<PaceRecord> {
  const { task, arm } = job
  const root = await mkdtemp(join(tmpdir(), 'immiscible-pace-'))
  try {
    const subject = await subjectOf(job, join(root, 'run'), sources)
    const steps: { batch: number; compute: number }[] = []
    let checkpoint: string | undefined
    for await (const event of subject.train(false, new AbortController().signal)) {
      if (event.type === 'step') steps.push(event.milliseconds)
      if (event.type === 'checkpoint') checkpoint = event.path
    }
    if (!checkpoint) throw new FailureError(`${task}, ${arm}: training left no checkpoint; run it again.`)
    const batch = mean(steps.map((step) => step.batch))
    const compute = mean(steps.slice(WARM_UP).map((step) => step.compute))
    const trained = await subject.open(checkpoint)
    const plans = await planTimes(trained)
    await trained.close()
    return { type: 'pace', task, arm, batch, compute, ...plans, versions: { ...jobVersions() } }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** The record of an arm whose every figure is the median of its turns. */
function medians(turns: readonly PaceRecord[]): PaceRecord {
  const [first] = turns
  const over = (of: (turn: PaceRecord) => number) => median(turns.map(of))
  const plans = (key: 'plan' | 'planP95') =>
    first[key] && {
      [key]: Object.fromEntries(
        Object.keys(first[key]).map((count) => [count, over((turn) => turn[key]![count])]),
      ),
    }
  return {
    ...first,
    batch: over(({ batch }) => batch),
    compute: over(({ compute }) => compute),
    ...plans('plan'),
    ...plans('planP95'),
  }
}
