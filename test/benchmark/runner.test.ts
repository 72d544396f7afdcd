import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EVALUATIONS } from '../../src/benchmark/job.ts'
import { readResults } from '../../src/benchmark/results.ts'
import { type JobRequest, runJob } from '../../src/benchmark/run-job.ts'
import { runBenchmark } from '../../src/benchmark/runner.ts'
import { InputError } from '../../src/errors.ts'
import { lockFolder } from '../../src/run/lock.ts'
import { readRun } from '../../src/run/run-folder.ts'
import { scratch } from '../scratch.ts'
import { syntheticResult } from './synthetic.ts'
import { tinyJob, tinyPreparation } from './tiny.ts'

const bytes = (folder: string) => readFileSync(join(folder, 'results.jsonl'), 'utf8')

test('jobs leave run folders and results in their order; a stopped benchmark ends with the same bytes', async (t) => {
  t.timeout(300_000)
  const prepare = await tinyPreparation()
  const jobs = [tinyJob('independent', 0), tinyJob('nearest', 1)]
  const here = { prepare, execute: runJob, workers: 1 }
  const whole = scratch()
  t.true(await runBenchmark(jobs, { ...here, folder: whole }))

  const { jobs: found, evaluations, timings } = readResults(whole)
  t.deepEqual(
    found.map(({ arm, seed }) => [arm, seed]),
    [
      ['independent', 0],
      ['nearest', 1],
    ],
  )
  t.deepEqual(
    evaluations.map(({ arm, step, evaluations: count }) => [arm, step, count]),
    ['independent', 'nearest'].flatMap((arm) =>
      [4, 8].flatMap((step) => EVALUATIONS.map((count) => [arm, step, count])),
    ),
  )
  t.true(timings.every(({ seconds, compute }) => seconds > 0 && compute > 0))
  t.true(found[1].pairing.normEnergy < found[0].pairing.normEnergy)
  t.deepEqual(Object.keys(found[0].paths ?? {}), ['1', '10'])
  t.is(found[1].paths, undefined)
  const run = await readRun(join(whole, 'runs/two-way/mlp/nearest/seed-1'))
  t.deepEqual((run.config as { coupling: unknown }).coupling, jobs[1].config.coupling)

  // Finished jobs are not touched again, and none is added twice.
  const before = bytes(whole)
  const { mtimeMs } = statSync(join(run.path, 'metrics.jsonl'))
  t.true(await runBenchmark(jobs, { ...here, folder: whole }))
  t.is(bytes(whole), before)
  t.is(statSync(join(run.path, 'metrics.jsonl')).mtimeMs, mtimeMs)

  // Stopped after the first step, and then gone on with in a worker thread.
  const stopped = scratch()
  const controller = new AbortController()
  const { signal } = controller
  const execute = (request: JobRequest) => {
    controller.abort()
    return runJob(request)
  }
  t.false(await runBenchmark(jobs, { ...here, execute, folder: stopped, signal }))
  t.is(bytes(stopped), '')
  t.true(await runBenchmark(jobs, { prepare, workers: 1, folder: stopped }))
  t.is(bytes(stopped), before)

  // Evaluations that a killed process did not get to are made up for.
  for (const lost of ['evaluations.jsonl', 'result.json']) rmSync(join(run.path, lost))
  rmSync(join(whole, 'results.jsonl'))
  t.true(await runBenchmark([jobs[1]], { ...here, folder: whole }))
  t.deepEqual(
    readResults(whole).evaluations,
    evaluations.filter(({ arm, step }) => arm === 'nearest' && step === 8),
  )

  // Other settings under the same name are refused, by the results and by the run folder.
  const longer = [tinyJob('nearest', 1, 12)]
  await t.throwsAsync(runBenchmark(longer, { ...here, folder: whole }), {
    name: 'InputError',
    message: /two-way\/mlp\/nearest\/seed-1 with other settings \(training\.steps: 8 → 12\)/,
  })
  rmSync(join(whole, 'results.jsonl'))
  await t.throwsAsync(runBenchmark(longer, { ...here, folder: whole }), {
    name: 'InputError',
    message: /run folder .* other settings \(training\.steps: 8 → 12\)/,
  })
})

const prepare = async () => undefined
const made = ({ job }: JobRequest) => syntheticResult({ ...job, success: () => 0.5 })
const three = [0, 1, 2].map((seed) => tinyJob('independent', seed))

test('results are in the order of the jobs, whichever ends first', async (t) => {
  const folder = scratch()
  const ended: number[] = []
  let last = () => {}
  const execute = async (request: JobRequest) => {
    const { seed } = request.job
    // The first ends when the last has.
    if (seed === 0) await new Promise<void>((resolve) => (last = resolve))
    ended.push(seed)
    if (seed === 2) last()
    return made(request)
  }
  t.true(await runBenchmark(three, { folder, prepare, execute, workers: 2 }))
  t.deepEqual(ended, [1, 2, 0])
  t.deepEqual(
    readResults(folder).jobs.map(({ seed }) => seed),
    [0, 1, 2],
  )
})

test('a job that fails is named, after the others are done; bad input stops all', async (t) => {
  const folder = scratch()
  const failing = (error: Error) => async (request: JobRequest) => {
    if (request.job.seed === 0) throw error
    return made(request)
  }
  await t.throwsAsync(
    runBenchmark(three, { folder, prepare, execute: failing(new Error('no luck')), workers: 1 }),
    { name: 'FailureError', message: /1 of 3 jobs failed.*two-way\/mlp\/independent\/seed-0: no luck/ },
  )
  t.is(readResults(folder).jobs.length, 2)
  const other = scratch()
  await t.throwsAsync(
    runBenchmark(three, { folder: other, prepare, execute: failing(new InputError('bad file')), workers: 1 }),
    { name: 'InputError', message: 'bad file' },
  )
  t.is(bytes(other), '')
})

test('two processes must not append to the same results, and someone must work', async (t) => {
  const folder = scratch()
  await t.throwsAsync(runBenchmark([], { folder, prepare, workers: 0 }), { message: /"workers" is 0/ })
  const release = await lockFolder(folder)
  await t.throwsAsync(runBenchmark(three, { folder, prepare }), { name: 'InputError', message: /in use/ })
  await release()
})
