import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { environmentNames } from '../../envs/index.ts'
import { demonstrationsIn, scratch, tinyInput } from '../train/tiny.ts'
import { command, start, until } from './command.ts'

const folder = scratch()
const path = await demonstrationsIn(folder)

/** The records that a command printed: every line must be one. */
const records = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test.serial('bad input ends with 2 and one sentence, without a stack', async (t) => {
  const [input, usage] = await Promise.all([
    command('train', 'two-wya', '--json'),
    command('rollout', '--run', 'x', '--checkpoint', 'newest'),
  ])
  t.deepEqual([input.code, input.stdout], [2, ''])
  t.regex(input.stderr, /^error: Unknown preset "two-wya"; did you mean "two-way"\?[^\n]*\n$/)
  t.is(usage.code, 2)
  t.regex(usage.stderr, /newest.*latest, best/)
})

test.serial('lists are records with --json, and tables without', async (t) => {
  const [envs, devices, schema] = await Promise.all([
    command('envs', '--json'),
    command('devices'),
    command('schema'),
  ])
  t.deepEqual([envs.code, devices.code, schema.code], [0, 0, 0])
  t.deepEqual(
    records(envs.stdout).map(({ name }) => name),
    environmentNames(),
  )
  t.regex(devices.stdout, /onnx.*cpu.*yes/)
  const keys = Object.keys(JSON.parse(schema.stdout).properties)
  t.true(['environment', 'coupling', 'training', 'engine'].every((key) => keys.includes(key)))
})

test.serial(
  'a run is trained by one process at a time, and rolled out; --json prints records only',
  async (t) => {
    const config = join(folder, 'config.json')
    writeFileSync(
      config,
      JSON.stringify(tinyInput({ steps: 1_000_000, checkpointEvery: 20 }, { demonstrations: { path } })),
    )
    const run = join(folder, 'run')
    const first = start('train', config, '--run', run, '--json')
    await until(first, () => existsSync(join(run, 'checkpoints', 'step-00000040')))
    const second = await command('train', '--resume', '--run', run)
    first.child.kill('SIGINT')
    const { code, stdout } = await first.ended
    t.is(code, 130)

    t.is(second.code, 2)
    t.is(second.stderr.match(/in use by process (\d+)/)?.[1], String(first.child.pid))
    t.regex(second.stderr, /wait for it or stop it/)

    const types = records(stdout).map(({ type }) => type)
    t.is(types[0], 'started')
    t.is(types.at(-1), 'finished')
    t.true(types.includes('metrics') && types.includes('checkpoint'))
    t.false(types.includes('step'))

    const rollout = await command('rollout', '--run', run, '--episodes', '2', '--seed', '5', '--json')
    t.is(rollout.code, 0, rollout.stderr)
    const [record, ...others] = records(rollout.stdout)
    t.deepEqual(others, [])
    t.like(record, { type: 'rollout', seed: 5, evaluation: { episodes: 2 } })
    t.is(record.step, records(stdout).at(-1).step)
  },
)
