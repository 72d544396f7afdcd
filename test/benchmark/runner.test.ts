import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EVALUATIONS } from '../../src/benchmark/job.ts'
import { readResults } from '../../src/benchmark/results.ts'
import { runBenchmark } from '../../src/benchmark/runner.ts'
import { readRun } from '../../src/run/run-folder.ts'
import { scratch, tinyJob, tinyPreparation } from './tiny.ts'

const bytes = (folder: string) => readFileSync(join(folder, 'results.jsonl'), 'utf8')

test('jobs leave run folders and results in their order; a stopped benchmark ends with the same bytes', async (t) => {
  t.timeout(120_000)
  const prepare = await tinyPreparation()
  const jobs = [tinyJob('independent', 0), tinyJob('nearest', 0), tinyJob('independent', 1)]
  const whole = scratch()
  t.true(await runBenchmark(jobs, { folder: whole, prepare, workers: 2 }))

  const { jobs: found, evaluations, timings } = readResults(whole)
  t.deepEqual(
    found.map(({ arm, seed }) => [arm, seed]),
    [
      ['independent', 0],
      ['nearest', 0],
      ['independent', 1],
    ],
  )
  t.is(evaluations.length, 3 * 2 * EVALUATIONS.length)
  t.deepEqual(
    evaluations.slice(0, 8).map(({ step, evaluations: count }) => [step, count]),
    [4, 8].flatMap((step) => EVALUATIONS.map((count) => [step, count])),
  )
  t.true(timings.every(({ seconds, compute }) => seconds > 0 && compute > 0))
  t.true(found[1].pairing.normEnergy < found[0].pairing.normEnergy)
  t.deepEqual(Object.keys(found[0].paths ?? {}), ['1', '10'])
  t.is(found[2].paths, undefined)
  const run = await readRun(join(whole, 'runs/two-way/mlp/nearest/seed-0'))
  t.deepEqual((run.config as { coupling: unknown }).coupling, jobs[1].config.coupling)

  // Finished jobs are not touched again, and none is added twice.
  const before = bytes(whole)
  const { mtimeMs } = statSync(join(run.path, 'metrics.jsonl'))
  t.true(await runBenchmark(jobs, { folder: whole, prepare, workers: 1 }))
  t.is(bytes(whole), before)
  t.is(statSync(join(run.path, 'metrics.jsonl')).mtimeMs, mtimeMs)

  // Stopped after the first checkpoint, and then gone on with.
  const stopped = scratch()
  const controller = new AbortController()
  const onProgress = ({ steps }: { steps: number }) => {
    if (steps >= 4) controller.abort()
  }
  await runBenchmark(jobs, { folder: stopped, prepare, workers: 1, onProgress, signal: controller.signal })
  t.true(await runBenchmark(jobs, { folder: stopped, prepare, workers: 2 }))
  t.is(bytes(stopped), before)

  // Evaluations that a killed process did not get to are made up for.
  const folder = join(stopped, 'runs/two-way/mlp/nearest/seed-0')
  for (const lost of ['evaluations.jsonl', 'result.json']) rmSync(join(folder, lost))
  rmSync(join(stopped, 'results.jsonl'))
  t.true(await runBenchmark([jobs[1]], { folder: stopped, prepare, workers: 1 }))
  const last = readResults(stopped).evaluations
  t.deepEqual(
    last.filter(({ step }) => step === 8),
    evaluations.filter(({ arm, step }) => arm === 'nearest' && step === 8),
  )
})

test('other settings under the same name are refused, and a job that fails is named', async (t) => {
  t.timeout(120_000)
  const prepare = await tinyPreparation()
  const folder = scratch()
  t.true(await runBenchmark([tinyJob('independent', 0, 4)], { folder, prepare, workers: 1 }))
  await t.throwsAsync(runBenchmark([tinyJob('independent', 0, 8)], { folder, prepare, workers: 1 }), {
    name: 'InputError',
    message: /two-way\/mlp\/independent\/seed-0 with other settings \(training\.steps: 4 → 8\)/,
  })
  rmSync(join(folder, 'results.jsonl'))
  await t.throwsAsync(runBenchmark([tinyJob('independent', 0, 8)], { folder, prepare, workers: 1 }), {
    name: 'InputError',
    message: /run folder .* other settings \(training\.steps: 4 → 8\)/,
  })
  const missing = async () => ({
    ...(await prepare(tinyJob('local', 0))),
    demonstrations: 'nowhere.zarr.zip',
  })
  await t.throwsAsync(runBenchmark([tinyJob('nearest', 0)], { folder, prepare: missing, workers: 1 }), {
    name: 'InputError',
    message: /nowhere/,
  })
  t.false(existsSync(join(folder, 'runs/two-way/mlp/nearest/seed-0/config.json')))
  await t.throwsAsync(runBenchmark([], { folder, prepare, workers: 0 }), { message: /"workers" is 0/ })
})
