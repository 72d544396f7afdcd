import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn, tinyInput } from '../train/tiny.ts'
import { clientBuilt } from '../viewer/build-client.ts'
import { listen } from '../viewer/sockets.ts'
import { command, printed, records, run, start, until, viewerUrl } from './command.ts'

const folder = scratch()
const path = await demonstrationsIn(folder)

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

test.serial('one process trains a run at a time, watched or not; --json prints records only', async (t) => {
  const config = join(folder, 'config.json')
  const endless = tinyInput({ steps: 1_000_000, checkpointEvery: 20 }, { demonstrations: { path } })
  writeFileSync(config, JSON.stringify(endless))
  const target = join(folder, 'run')
  await clientBuilt()
  // What runs here later is loaded first: meanwhile the endless run would take the processor.
  await Promise.all([import('../../src/cli/training.ts'), import('../../src/cli/rollout.ts')])
  const running = start('train', config, '--run', target, '--view', '--json')
  const listener = await listen(await viewerUrl(running))
  t.like(await listener.until(({ type }) => type === 'run'), { kind: 'planner', label: 'run' })
  await listener.until(({ type }) => type === 'scene')
  await listener.until((message) => message.type === 'progress' && message.state === 'training')
  await until(running, () => existsSync(join(target, 'checkpoints')))
  const pid = String(running.child.pid)
  await t.throwsAsync(run('train', '--resume', '--run', target), {
    instanceOf: InputError,
    message: new RegExp(`in use by process ${pid}; wait for it or stop it`),
  })
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  t.is(code, 130)

  const reports = records(stdout)
  const types = reports.map(({ type }) => type)
  t.deepEqual(types.slice(0, 2), ['viewer', 'started'])
  t.is(types.at(-1), 'finished')
  t.true(types.includes('metrics') && types.includes('checkpoint'))
  t.false(types.includes('step'))

  const rollout = await printed('rollout', '--run', target, '--episodes', '2', '--seed', '5', '--json')
  const [record, ...others] = records(rollout)
  t.deepEqual(others, [])
  t.like(record, { type: 'rollout', seed: 5, evaluation: { episodes: 2 } })
  t.is(record.step, reports.at(-1).step)
})

test.serial('view serves the page and what it shows, and Ctrl-C ends it well', async (t) => {
  await clientBuilt()
  const running = start('view', path, '--episodes', '2', '--port', '0', '--json')
  const url = await viewerUrl(running)
  const page = await fetch(url)
  t.is(page.status, 200)
  t.regex(await page.text(), /<div id="app">/)
  const listener = await listen(url)
  t.like(await listener.until(({ type }) => type === 'run'), {
    kind: 'demonstrations',
    environment: 'two-way',
  })
  t.truthy(await listener.until((message) => message.type === 'episode' && message.episode === 1))
  running.child.kill('SIGINT')
  const { code, stderr } = await running.ended
  t.deepEqual([code, stderr], [0, ''])
})
