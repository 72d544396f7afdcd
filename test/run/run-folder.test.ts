import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { fitField } from '../../src/data/normalizer.ts'
import { FailureError, InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'
import { environmentChanges } from '../../src/run/environment.ts'
import { createRun, readRun, resumeRun } from '../../src/run/run-folder.ts'
import { scratch } from '../scratch.ts'

const config = { environment: 'two-way', training: { steps: 10 } }
const normalizer = { action: fitField(rows(Float32Array.of(1, 2, 3, 5), 2, 2)) }

test('a run holds its config, environment, normalizer and metrics', async (t) => {
  const path = join(scratch(), 'runs', 'a')
  const run = await createRun(path, config)
  await run.saveNormalizer(normalizer)
  const metrics = await run.openMetrics()
  metrics.record(1, { 'train/loss': 2 })
  metrics.flush()
  metrics.close()
  await run.release()
  const names = readdirSync(path).sort()
  t.regex(names.splice(2, 1)[0], /^events\.out\.tfevents\.\d{10}\./)
  t.deepEqual(names, ['config.json', 'environment.json', 'metrics.jsonl', 'normalizer.safetensors'])

  const view = await readRun(path)
  t.deepEqual(view.config, config)
  t.deepEqual(await view.normalizer(), normalizer)
  t.deepEqual(await view.environmentChanges(), [])
  t.is(view.checkpoints, join(path, 'checkpoints'))
  const environment = JSON.parse(readFileSync(join(path, 'environment.json'), 'utf8'))
  t.is(environment.node, process.versions.node)
  t.regex(environment.immiscible, /^\d+\.\d+\.\d+/)
  t.truthy(environment['onnxruntime-node'])
})

test('resuming cuts the metrics off and goes on in the same files', async (t) => {
  const path = join(scratch(), 'a')
  const run = await createRun(path, config)
  const first = await run.openMetrics()
  for (const step of [1, 2, 3]) first.record(step, { a: step })
  first.close()
  await run.release()
  mkdirSync(join(path, 'checkpoints', '.step-00000003.partial-1-1'), { recursive: true })

  const resumed = await resumeRun(path)
  t.deepEqual(readdirSync(resumed.checkpoints), [])
  const names = readdirSync(path)
  const second = await resumed.openMetrics(2)
  for (const step of [3, 4]) second.record(step, { a: step })
  second.close()
  t.deepEqual(readdirSync(path), names)
  const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trim().split('\n')
  t.deepEqual(
    lines,
    [1, 2, 3, 4].map((step) => `{"step":${step},"a":${step}}`),
  )
  await resumed.release()
})

test('a run is never overwritten, nor used twice at once', async (t) => {
  const path = join(scratch(), 'a')
  const run = await createRun(path, config)
  const busy = new RegExp(`in use by process ${process.pid}`)
  await t.throwsAsync(resumeRun(path), { instanceOf: InputError, message: busy })
  await t.throwsAsync(createRun(path, config), { instanceOf: InputError, message: busy })
  t.deepEqual((await readRun(path)).config, config, 'looking is allowed')
  await run.release()
  const error = await t.throwsAsync(createRun(path, {}), { instanceOf: InputError })
  t.is(error.message, `There is a run in ${path} already; resume it, or choose another folder.`)
  t.deepEqual((await readRun(path)).config, config)
  await (await resumeRun(path)).release()
})

test('a folder of other things is left alone, a start that was killed is not in the way', async (t) => {
  const path = scratch()
  writeFileSync(join(path, 'thesis.tex'), '')
  const error = await t.throwsAsync(createRun(path, config), { instanceOf: InputError })
  t.is(
    error.message,
    `The folder ${path} holds other files, such as thesis.tex; choose an empty or a new folder.`,
  )
  t.deepEqual(readdirSync(path), ['thesis.tex'])

  rmSync(join(path, 'thesis.tex'))
  writeFileSync(join(path, 'environment.json'), '{}')
  writeFileSync(join(path, '.config.json.partial-1-1'), '{')
  await (await createRun(path, config)).release()
  t.deepEqual(readdirSync(path).sort(), ['config.json', 'environment.json'])
})

test('says what is wrong with a folder that is no run', async (t) => {
  const folder = scratch()
  const fails = async (path: string) =>
    (await t.throwsAsync(readRun(path), { instanceOf: InputError })).message
  t.is(await fails(join(folder, 'b')), `There is no run folder ${join(folder, 'b')}; check the path.`)
  t.is(await fails(folder), `${folder} is not a run folder: it has no config.json; check the path.`)
  writeFileSync(join(folder, 'config.json'), '{"a":')
  t.is(await fails(folder), `${join(folder, 'config.json')} is not JSON; repair it or start another run.`)
  rmSync(join(folder, 'config.json'))
  mkdirSync(join(folder, 'config.json'))
  await t.throwsAsync(readRun(folder), {
    instanceOf: FailureError,
    message:
      /Cannot read .*config\.json \(EISDIR\); make it a file that you may read, or start another run\.$/,
  })
})

test('environments are compared entry by entry', (t) => {
  t.deepEqual(environmentChanges({ node: '20', cores: '2' }, { node: '22', cores: '2', gpu: 'x' }), [
    'node: 20 → 22',
    'gpu: absent → x',
  ])
})
