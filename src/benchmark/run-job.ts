import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { sizeOf } from '../engine/index.ts'
import { DivergenceError, InputError } from '../errors.ts'
import { appendFile } from '../run/append-file.ts'
import { latestCheckpoint } from '../run/checkpoint.ts'
import { readRun } from '../run/run-folder.ts'
import { createClock, type Times } from './clock.ts'
import { EVALUATIONS, type Job, settingsChanges } from './job.ts'
import { parseLines } from './lines.ts'
import { diagnosePairing } from './pairing.ts'
import type { PlannerSources } from './planner-subject.ts'
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type JobRecord,
  type JobResult,
  type TimingRecord,
  timingRecordSchema,
} from './record.ts'
import type { Subject } from './subject.ts'
import { planTimes, subjectOf } from './subjects.ts'
import { jobVersions } from './versions.ts'

/** What a worker needs for a job; plain data. */
export interface JobRequest {
  readonly job: Job
  /** Run folder. */
  readonly folder: string
  /** Of a planner; image generators read their images themselves. */
  readonly sources?: PlannerSources
  /** Keep something of the last evaluations for pictures. */
  readonly show: boolean
  /** Over a SharedArrayBuffer: steps done, and not 0 once the job is to be stopped. */
  readonly shared: Int32Array
}

/** Places in {@link JobRequest.shared}. */
export const SHARED = { steps: 0, stop: 1 } as const

const EVALUATIONS_FILE = 'evaluations.jsonl'
const RESULT_FILE = 'result.json'
/** Numbers of evaluations that pictures show. */
const SHOWN = [EVALUATIONS[0], EVALUATIONS[EVALUATIONS.length - 1]]

/**
 * Trains and evaluates a job in its run folder, or goes on where it was stopped or killed; a finished one is
 * only read. Every figure but the timings depends on the job alone.
 *
 * @returns its result, or undefined if it was stopped
 * @throws InputError if the folder holds a run with other settings, naming them
 */
export async function runJob(request: JobRequest): Promise<JobResult | undefined> {
  const { job, folder, shared } = request
  const finished = join(folder, RESULT_FILE)
  const resume = existsSync(join(folder, 'config.json'))
  if (resume) await checkSame(job, folder)
  if (existsSync(finished)) {
    Atomics.store(shared, SHARED.steps, job.config.training.steps)
    return JSON.parse(await readFile(finished, 'utf8'))
  }
  const subject = await subjectOf(job, folder, request.sources)
  const evaluator = createEvaluator(request, subject)
  const trained = await trainAndEvaluate(request, subject, resume, evaluator)
  if (!trained) return undefined
  const result = await conclude(request, subject, evaluator, trained)
  await writeFileAtomic(finished, `${JSON.stringify(result)}\n`)
  return result
}

async function checkSame(job: Job, folder: string): Promise<void> {
  const { config } = await readRun(folder)
  const changes = settingsChanges(config, job, `${folder}/config.json`)
  if (changes.length > 0) {
    throw new InputError(
      `The run folder ${folder} was made with other settings (${changes.join('; ')}); choose another --out, or delete it.`,
    )
  }
}

interface Training {
  /** Why it ended early, where it diverged. */
  readonly diverged?: string
}

/** @returns undefined if it was stopped */
async function trainAndEvaluate(
  { job, shared }: JobRequest,
  subject: Subject,
  resume: boolean,
  evaluator: Evaluator,
): Promise<Training | undefined> {
  const { checkpointEvery, steps } = job.config.training
  const controller = new AbortController()
  // A run that was killed between a checkpoint and its evaluations makes up for them.
  if (resume) await evaluator.catchUp()
  const clock = createClock()
  try {
    for await (const event of subject.train(resume, controller.signal)) {
      if (event.type === 'started') clock.start(evaluator.secondsAt(event.from))
      if (event.type === 'step') {
        clock.add(event.milliseconds)
        Atomics.store(shared, SHARED.steps, event.step)
        if (Atomics.load(shared, SHARED.stop) !== 0) controller.abort()
      }
      if (event.type === 'checkpoint' && (event.step % checkpointEvery === 0 || event.step === steps)) {
        await evaluator.evaluate(event.path, event.step, clock.read())
      }
      if (event.type === 'finished' && !event.complete) return undefined
    }
    return {}
  } catch (error) {
    // An arm that diverges is a result of the comparison, not a failure of it.
    if (error instanceof DivergenceError) return { diverged: error.message }
    throw error
  } finally {
    evaluator.close()
  }
}

interface Evaluator {
  /** Evaluates a checkpoint at every number of evaluations, unless that is done. */
  evaluate(checkpoint: string, step: number, times: Times): Promise<void>
  /** Evaluates the latest checkpoint, if it is due and was not. */
  catchUp(): Promise<void>
  /** Training seconds up to a step; beyond the last evaluation its pace tells. */
  secondsAt(step: number): number
  readonly evaluations: readonly EvaluationRecord[]
  readonly timings: readonly TimingRecord[]
  close(): void
}

function createEvaluator({ job, folder }: JobRequest, subject: Subject): Evaluator {
  const { task, arm, seed, config } = job
  const evaluations: EvaluationRecord[] = []
  const timings: TimingRecord[] = []
  let file: ReturnType<typeof appendFile> | undefined
  const load = () => {
    // The folder is there by now: whoever asks has a checkpoint in it.
    file ??= appendFile(join(folder, EVALUATIONS_FILE), (content) => {
      const { values, bytes } = parseLines(content)
      for (const value of values) {
        const timing = timingRecordSchema.safeParse(value)
        if (timing.success) timings.push(timing.data)
        else evaluations.push(evaluationRecordSchema.parse(value))
      }
      return bytes
    })
    return file
  }
  const evaluator: Evaluator = {
    evaluations,
    timings,
    async evaluate(checkpoint, step, times) {
      const out = load()
      const trained = await subject.open(checkpoint)
      for (const count of EVALUATIONS) {
        if (evaluations.some((done) => done.step === step && done.evaluations === count)) continue
        const { type, ...figures } = await trained.evaluate(count)
        const record = { type, task, arm, seed, step, ...figures } as EvaluationRecord
        evaluations.push(record)
        out.append(`${JSON.stringify(record)}\n`)
      }
      await trained.close()
      if (timings.some((done) => done.step === step)) return
      const timing = { type: 'timing', task, arm, seed, step, ...times } as const
      timings.push(timing)
      out.append(`${JSON.stringify(timing)}\n`)
      out.flush()
    },
    async catchUp() {
      const { checkpoint } = await latestCheckpoint(join(folder, 'checkpoints'))
      if (!checkpoint) return
      load()
      const { step } = checkpoint.manifest
      const { checkpointEvery, steps } = config.training
      const due = step % checkpointEvery === 0 || step === steps
      if (!due || timings.some((done) => done.step === step)) return
      const { batch = 0, compute = 0 } = timings.at(-1) ?? {}
      await evaluator.evaluate(checkpoint.path, step, { seconds: evaluator.secondsAt(step), batch, compute })
    },
    secondsAt(step) {
      const before = timings.at(-1)
      return before
        ? before.seconds + ((before.batch + before.compute) / 1000) * Math.max(0, step - before.step)
        : 0
    },
    close: () => file?.close(),
  }
  return evaluator
}

async function conclude(
  { job, folder, show }: JobRequest,
  subject: Subject,
  evaluator: Evaluator,
  { diverged }: Training,
): Promise<JobResult> {
  const { task, arm, seed, config } = job
  const { steps, batch } = config.training
  const made = await subject.trainingTask()
  const pairing = await diagnosePairing(made, { batch, steps, seed: config.seed })
  const { checkpoint } = await latestCheckpoint((await readRun(folder)).checkpoints)
  let { timings } = evaluator
  let shown: Pick<JobRecord, 'paths' | 'pictures'> = {}
  if (!diverged && checkpoint) {
    const trained = await subject.open(checkpoint.path)
    const times = await planTimes(trained)
    if (show) shown = await trained.show(SHOWN)
    await trained.close()
    timings = timings.map((timing) => (timing.step === steps ? { ...timing, ...times } : timing))
  }
  const evaluations = [...evaluator.evaluations].sort(
    (a, b) => a.step - b.step || a.evaluations - b.evaluations,
  )
  const record: JobRecord = {
    type: 'job',
    task,
    arm,
    seed,
    evaluations: evaluations.length,
    versions: { ...jobVersions() },
    config,
    parameters: Object.values(made.network.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    samples: made.training.data.rows,
    ...(diverged !== undefined && { diverged }),
    pairing,
    ...shown,
  }
  return { job: record, evaluations, timings }
}
