import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import test from 'ava'
import { command, start } from '../cli/command.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn } from '../train/tiny.ts'
import { TINY } from './tiny.ts'

test('a benchmark that is killed again and again ends with the same bytes', async (t) => {
  t.timeout(600_000)
  const demonstrations = await demonstrationsIn(scratch())
  const settings = [...TINY, `demonstrations.path=${demonstrations}`].flatMap((one) => ['--set', one])
  const run = (out: string) =>
    ['bench', 'closed-loop', '--tasks', 'two-way/mlp', '--arms', 'independent,local', '--seeds', '2'].concat([
      '--out',
      out,
      '--set',
      'coupling.type=nearest',
      ...settings,
    ])
  const whole = scratch()
  t.is((await command(...run(whole))).code, 0)
  const killed = scratch()
  const results = (folder: string) => {
    const path = join(folder, 'results.jsonl')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  let kills = 0
  for (let patience = 2500; results(killed) !== results(whole); patience *= 1.2) {
    const { child, ended } = start(...run(killed))
    const over = await Promise.race([ended, wait(patience)])
    if (over) {
      t.is(over.code, 0, over.stderr)
      break
    }
    child.kill('SIGKILL')
    await ended
    kills++
    t.true(kills < 40)
  }
  t.is(results(killed), results(whole))
  t.true(kills > 0)
  t.log(`killed ${kills} times`)
})
