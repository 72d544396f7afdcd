import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { openResults, readResults, writePaces } from '../../src/benchmark/results.ts'
import { scratch } from '../scratch.ts'
import { syntheticResult } from './synthetic.ts'

const VERSIONS = { immiscible: '0.0.0' }
const result = (arm: string, seed: number, versions = VERSIONS) =>
  syntheticResult({ task: 'two-way/mlp', arm, seed, success: () => 0.5, versions })

function written(...results: ReturnType<typeof result>[]): string {
  const folder = scratch()
  const file = openResults(folder, results[0].job.versions)
  for (const one of results) file.append(one)
  file.close()
  return folder
}

test('what is appended is read back', (t) => {
  const results = [result('independent', 0), result('local', 0)]
  const read = readResults(written(...results))
  t.deepEqual(
    read.jobs,
    results.map(({ job }) => JSON.parse(JSON.stringify(job))),
  )
  t.deepEqual(
    read.evaluations,
    results.flatMap(({ evaluations }) => evaluations),
  )
  t.deepEqual(
    read.timings,
    results.flatMap(({ timings }) => timings),
  )
})

test('a job that was torn at any byte is cut off, and the bytes after going on are the same', (t) => {
  const [first, second] = [result('independent', 0), result('local', 0)]
  const whole = written(first, second)
  const bytes = readFileSync(join(whole, 'results.jsonl'))
  const kept = readFileSync(join(written(first), 'results.jsonl')).length
  for (const at of [kept, kept + 1, kept + 500, bytes.length - 200, bytes.length - 1]) {
    const folder = written(first, second)
    truncateSync(join(folder, 'results.jsonl'), at)
    const file = openResults(folder, VERSIONS)
    t.is(file.jobs.length, 1)
    t.is(file.timings.length, first.timings.length)
    file.append(second)
    file.close()
    t.deepEqual(readFileSync(join(folder, 'results.jsonl')), bytes)
    t.deepEqual(readFileSync(join(folder, 'timings.jsonl')), readFileSync(join(whole, 'timings.jsonl')))
  }
})

test('a damaged line is refused, so that nothing behind it is lost, and so is a file without a run', (t) => {
  const folder = written(result('independent', 0), result('local', 0))
  const path = join(folder, 'results.jsonl')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.with(2, lines[2].slice(1)).join('\n'))
  const refused = { name: 'InputError', message: /results\.jsonl, line 3: is not JSON/ }
  t.throws(() => readResults(folder), refused)
  t.throws(() => openResults(folder, VERSIONS), refused)
  writeFileSync(path, '')
  t.throws(() => readResults(folder), { name: 'InputError', message: /no finished run/ })
})

test('results of other versions are refused with the difference, whoever mixed them', (t) => {
  const folder = written(result('independent', 0))
  const refused = { name: 'InputError', message: /immiscible: 0\.0\.0 → 9\.9\.9.*another folder/ }
  t.throws(() => openResults(folder, { immiscible: '9.9.9' }), refused)
  const other = written(result('local', 0, { immiscible: '9.9.9' }))
  appendFileSync(join(folder, 'results.jsonl'), readFileSync(join(other, 'results.jsonl')))
  t.throws(() => readResults(folder), { name: 'InputError', message: /line \d+: .*9\.9\.9 → 0\.0\.0/ })
})

test('lines of others and empty folders are named', (t) => {
  const folder = written(result('independent', 0))
  appendFileSync(join(folder, 'results.jsonl'), '{"type":"job","task":3}\n')
  t.throws(() => readResults(folder), { name: 'InputError', message: /results\.jsonl, line \d+: task/ })
  t.throws(() => readResults(scratch()), { name: 'InputError', message: /no results/ })
})

test('a run that is there twice, or has other settings than those it is compared with, is refused', (t) => {
  const twice = written(result('independent', 0), result('local', 0))
  const path = join(twice, 'results.jsonl')
  const lines = readFileSync(path, 'utf8')
  appendFileSync(path, lines)
  const again = new RegExp(
    `line ${lines.split('\n').length}: two-way/mlp/independent/seed-0 is there already, in line 1;`,
  )
  t.throws(() => readResults(twice), { name: 'InputError', message: again })

  const changed = (arm: string, seed: number, change: (config: never) => void) => {
    const made = structuredClone(result(arm, seed))
    change(made.job.config as never)
    return made
  }
  const shorter = changed(
    'local',
    0,
    (config: { training: { steps: number } }) => (config.training.steps = 300),
  )
  t.throws(() => readResults(written(result('independent', 0), shorter)), {
    name: 'InputError',
    message:
      /seed-0 was made with other settings than two-way\/mlp\/independent\/seed-0 \(training\.steps: 1500 → 300\)/,
  })
  const larger = changed('local', 1, (config: { coupling: { cell: number } }) => (config.coupling.cell = 128))
  t.throws(() => readResults(written(result('independent', 0), result('local', 0), larger)), {
    name: 'InputError',
    message: /local\/seed-1 .* than two-way\/mlp\/local\/seed-0 \(coupling\.cell: 64 → 128\)/,
  })
})

test('paces are kept beside the results, the newest of each arm', async (t) => {
  const folder = written(result('independent', 0))
  t.deepEqual(readResults(folder).paces, [])
  const pace = (arm: string, batch: number) => ({
    ...{ type: 'pace' as const, task: 'two-way/mlp', arm, batch, compute: 2 },
    ...{ plan: { 1: 1 }, planP95: { 1: 2 }, versions: VERSIONS },
  })
  await writePaces(folder, [pace('independent', 1), pace('local', 3)])
  await writePaces(folder, [pace('independent', 2)])
  t.deepEqual(readResults(folder).paces, [pace('independent', 2), pace('local', 3)])
})
