import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EVALUATIONS } from '../../src/benchmark/job.ts'
import { readResults } from '../../src/benchmark/results.ts'
import { runBenchmark } from '../../src/benchmark/runner.ts'
import { lockFolder } from '../../src/run/lock.ts'
import { readRun } from '../../src/run/run-folder.ts'
import { scratch, tinyJob, tinyPreparation } from './tiny.ts'

const bytes = (folder: string) => readFileSync(join(folder, 'results.jsonl'), 'utf8')

test('jobs leave run folders and results in their order; a stopped benchmark ends with the same bytes', async (t) => {
  t.timeout(300_000)
  const prepare = await tinyPreparation()
  const jobs = [tinyJob('independent', 0), tinyJob('nearest', 1)]
  const whole = scratch()
  t.true(await runBenchmark(jobs, { folder: whole, prepare, workers: 2 }))

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
  t.true(await runBenchmark(jobs, { folder: stopped, prepare, workers: 1 }))
  t.is(bytes(stopped), before)

  // Evaluations that a killed process did not get to are made up for.
  for (const lost of ['evaluations.jsonl', 'result.json']) rmSync(join(run.path, lost))
  rmSync(join(whole, 'results.jsonl'))
  t.true(await runBenchmark([jobs[1]], { folder: whole, prepare, workers: 1 }))
  t.deepEqual(
    readResults(whole).evaluations,
    evaluations.filter(({ arm, step }) => arm === 'nearest' && step === 8),
  )

  // Other settings under the same name are refused, by the results and by the run folder.
  const longer = [tinyJob('nearest', 1, 12)]
  await t.throwsAsync(runBenchmark(longer, { folder: whole, prepare, workers: 1 }), {
    name: 'InputError',
    message: /two-way\/mlp\/nearest\/seed-1 with other settings \(training\.steps: 8 → 12\)/,
  })
  rmSync(join(whole, 'results.jsonl'))
  await t.throwsAsync(runBenchmark(longer, { folder: whole, prepare, workers: 1 }), {
    name: 'InputError',
    message: /run folder .* other settings \(training\.steps: 8 → 12\)/,
  })
  await t.throwsAsync(runBenchmark([], { folder: whole, prepare, workers: 0 }), { message: /"workers" is 0/ })

  // Two processes must not append to the same results.
  const release = await lockFolder(whole)
  await t.throwsAsync(runBenchmark(jobs, { folder: whole, prepare }), {
    name: 'InputError',
    message: /in use/,
  })
  await release()
})
