import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { writeFileAtomic } from '../atomic.ts'
import { InputError } from '../errors.ts'
import { appendFile } from '../run/append-file.ts'
import { environmentChanges } from '../run/environment.ts'
import { parseLines } from './lines.ts'
import { pairedJobs } from './paired.ts'
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type JobRecord,
  type JobResult,
  jobRecordSchema,
  type PaceRecord,
  paceRecordSchema,
  type TimingRecord,
  timingRecordSchema,
} from './record.ts'

const RESULTS = 'results.jsonl'
const TIMINGS = 'timings.jsonl'
const PACES = 'paces.jsonl'

/** Everything that was measured. */
export interface Results {
  readonly jobs: readonly JobRecord[]
  readonly evaluations: readonly EvaluationRecord[]
  readonly timings: readonly TimingRecord[]
  /** How fast arms are when nothing runs beside them, where that was measured. */
  readonly paces: readonly PaceRecord[]
}

/** Results that grow. */
export interface ResultsFile extends Omit<Results, 'paces'> {
  append(result: JobResult): void
  close(): void
}

/**
 * Reads the results in a folder.
 *
 * @throws InputError if there are none, or a line is none of ours or damaged, or results of several versions are mixed
 */
export function readResults(folder: string): Results {
  const path = join(folder, RESULTS)
  if (!existsSync(path)) {
    throw new InputError(
      `There are no results in ${folder}; run a protocol first: immiscible bench few-step.`,
    )
  }
  const { jobs, evaluations } = parseResults(readFileSync(path), path)
  if (jobs.length === 0) {
    throw new InputError(
      `There is no finished run in ${path} yet; let a protocol run: immiscible bench few-step.`,
    )
  }
  const timings = existsSync(join(folder, TIMINGS))
    ? parseTimings(readFileSync(join(folder, TIMINGS)), join(folder, TIMINGS))
    : []
  return { jobs, evaluations, timings, paces: readPaces(folder) }
}

function readPaces(folder: string): PaceRecord[] {
  const path = join(folder, PACES)
  if (!existsSync(path)) return []
  return valuesOf(readFileSync(path), path).map((value, i) => checked(paceRecordSchema, value, path, i))
}

/** Writes paces beside the results, in place of those of the same tasks and arms. */
export async function writePaces(folder: string, paces: readonly PaceRecord[]): Promise<void> {
  const measured = new Map(
    [...readPaces(folder), ...paces].map((pace) => [keyOf({ ...pace, seed: 0 }), pace]),
  )
  await writeFileAtomic(join(folder, PACES), lines([...measured.values()]))
}

/**
 * Opens the results in a folder to add to them. What a killed process left unfinished is cut off.
 *
 * @param versions of what runs now
 * @throws InputError if the results there were made with other versions, naming the differences
 */
export function openResults(folder: string, versions: Readonly<Record<string, string>>): ResultsFile {
  mkdirSync(folder, { recursive: true })
  const [resultsPath, timingsPath] = [join(folder, RESULTS), join(folder, TIMINGS)]
  const jobs: JobRecord[] = []
  const evaluations: EvaluationRecord[] = []
  const timings: TimingRecord[] = []
  const results = appendFile(resultsPath, (content) => {
    const found = parseResults(content, resultsPath)
    checkVersions(found.jobs[0], versions, 'this is', resultsPath)
    jobs.push(...found.jobs)
    evaluations.push(...found.evaluations)
    return found.bytes
  })
  const finished = new Set(jobs.map((job) => keyOf(job)))
  const times = appendFile(timingsPath, (content) => {
    // Timings are written first, so those of a job that is not in the results are cut off.
    const all = parseTimings(content, timingsPath)
    const kept = all.filter((timing) => finished.has(keyOf(timing)))
    timings.push(...kept)
    return bytesOfLines(content, kept.length)
  })
  return {
    jobs,
    evaluations,
    timings,
    append(result) {
      times.append(lines(result.timings))
      times.flush()
      results.append(lines([result.job, ...result.evaluations]))
      results.flush()
      jobs.push(result.job)
      evaluations.push(...result.evaluations)
      timings.push(...result.timings)
    },
    close() {
      results.close()
      times.close()
    },
  }
}

function keyOf({ task, arm, seed }: { task: string; arm: string; seed: number }): string {
  return JSON.stringify([task, arm, seed])
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

function bytesOfLines(content: Uint8Array, count: number): number {
  let end = 0
  for (let i = 0; i < count; i++) end = content.indexOf(10, end) + 1
  return end
}

/** Whole jobs only: the beginning of the file that ends with the last evaluation of a job. */
function parseResults(
  content: Uint8Array,
  path: string,
): { jobs: JobRecord[]; evaluations: EvaluationRecord[]; bytes: number } {
  const values = valuesOf(content, path)
  const jobs: JobRecord[] = []
  const evaluations: EvaluationRecord[] = []
  const pair = pairedJobs(path)
  let at = 0
  while (at < values.length) {
    const job = checked(jobRecordSchema, values[at], path, at)
    if (at + job.evaluations >= values.length) break
    checkVersions(job, jobs[0]?.versions ?? job.versions, `the job of line 1 is`, path, at)
    pair(job, at)
    jobs.push(job)
    for (let i = 1; i <= job.evaluations; i++) {
      evaluations.push(checked(evaluationRecordSchema, values[at + i], path, at + i))
    }
    at += job.evaluations + 1
  }
  return { jobs, evaluations, bytes: bytesOfLines(content, at) }
}

function parseTimings(content: Uint8Array, path: string): TimingRecord[] {
  return valuesOf(content, path).map((value, i) => checked(timingRecordSchema, value, path, i))
}

/** The values of all lines but one that a killed process left unfinished. */
function valuesOf(content: Uint8Array, path: string): unknown[] {
  const { values, bytes } = parseLines(content)
  // What was written whole and is no JSON was damaged later; cutting it off would take all that follows with it.
  if (content.indexOf(10, bytes) >= 0) {
    throw new InputError(
      `${path}, line ${values.length + 1}: is not JSON; restore the file, or remove the line and all of its run.`,
    )
  }
  return values
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string, index: number): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path: key, message } = result.error.issues[0]
  throw new InputError(
    `${path}, line ${index + 1}: ${key.join('.') || 'the line'}: ${message.toLowerCase()}; it was not written by this benchmark, so remove it.`,
  )
}

function checkVersions(
  job: JobRecord | undefined,
  versions: Readonly<Record<string, string>>,
  other: string,
  path: string,
  index = 0,
): void {
  const changes = job ? environmentChanges(job.versions, versions) : []
  if (changes.length === 0) return
  throw new InputError(
    `${path}, line ${index + 1}: made with other versions than ${other} (${changes.join(', ')}); results of several versions do not compare, so use another folder.`,
  )
}
