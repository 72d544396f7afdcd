import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { lockFolder } from '../../src/run/lock.ts'
import { isRunning, thisProcess } from '../../src/run/process-identity.ts'
import { scratch } from '../scratch.ts'
import { kill, startProcess } from './process.ts'

test('a folder belongs to one at a time', async (t) => {
  const folder = scratch()
  const release = await lockFolder(folder)
  const error = await t.throwsAsync(lockFolder(folder), { instanceOf: InputError })
  t.is(
    error.message,
    `The run folder ${folder} is in use by process ${process.pid}; wait for it or stop it, or choose another folder.`,
  )
  await release()
  t.false(existsSync(join(folder, 'lock.json')))
  await (await lockFolder(folder))()
})

test('of many at once exactly one gets it', async (t) => {
  const folder = scratch()
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)))
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results) if (result.status === 'rejected') t.true(result.reason instanceof InputError)
})

test('a killed process loses its folder at once, a running one does not', async (t) => {
  const folder = scratch()
  const child = await startProcess(`
    import { lockFolder } from './src/run/lock.js'
    await lockFolder(${JSON.stringify(folder)})
    console.log('locked')
    setInterval(() => {}, 1000)`)
  const error = await t.throwsAsync(lockFolder(folder), { instanceOf: InputError })
  t.true(error.message.includes(`in use by process ${child.pid};`))
  await kill(child)
  const release = await lockFolder(folder)
  t.is(JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')).pid, process.pid)
  await release()
})

test('an owner on another machine is not judged from here', async (t) => {
  const folder = scratch()
  const path = join(folder, 'lock.json')
  writeFileSync(path, JSON.stringify({ pid: 12, host: `not-${hostname()}` }))
  const error = await t.throwsAsync(lockFolder(folder), { instanceOf: InputError })
  t.is(
    error.message,
    `The run folder ${folder} is in use by process 12 on not-${hostname()}; stop it, or delete ${path} if it is gone.`,
  )
})

test('an owner file that makes no sense is replaced', async (t) => {
  const folder = scratch()
  writeFileSync(join(folder, 'lock.json'), '{"pid":')
  await t.notThrowsAsync(lockFolder(folder))
})

test('a process number that another process got since does not count', (t) => {
  const me = thisProcess()
  t.true(isRunning(me))
  t.false(isRunning({ ...me, pid: 2 ** 22 + 1 }))
  t.is(isRunning({ ...me, started: 'another boot/1' }), me.started === undefined)
})
