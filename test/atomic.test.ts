import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import {
  removeFolder,
  removePartials,
  storageError,
  writeDurably,
  writeFileAtomic,
  writeFolderAtomic,
} from '../src/atomic.ts'
import { FailureError, InputError } from '../src/errors.ts'
import { scratch } from './scratch.ts'

test('writes text, bytes and pieces, over what was there', async (t) => {
  const path = join(scratch(), 'deep', 'file')
  const text = () => readFileSync(path, 'utf8')
  await writeFileAtomic(path, 'one')
  t.is(text(), 'one')
  await writeFileAtomic(path, Buffer.from('two'))
  t.is(text(), 'two')
  await writeFileAtomic(path, [Buffer.from('th'), Buffer.from('ree')])
  t.is(text(), 'three')
})

test('a writer that fails leaves the old file and nothing else', async (t) => {
  const folder = scratch()
  const path = join(folder, 'file')
  await writeFileAtomic(path, 'old')
  const failing = (async function* () {
    yield Buffer.from('half of the n')
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  })()
  const error = await t.throwsAsync(writeFileAtomic(path, failing), { instanceOf: FailureError })
  t.is(error.message, `Cannot write ${path}: the disk is full; free some space and start again.`)
  t.is(readFileSync(path, 'utf8'), 'old')
  t.deepEqual(readdirSync(folder), ['file'])
})

test('a folder appears whole, replaces what was there, or does not appear', async (t) => {
  const folder = scratch()
  const path = join(folder, 'thing')
  mkdirSync(path)
  writeFileSync(join(path, 'old'), '')
  const failing = writeFolderAtomic(path, async (aside) => {
    await writeDurably(join(aside, 'new'), 'x')
    throw new InputError('no')
  })
  await t.throwsAsync(failing, { instanceOf: InputError, message: 'no' })
  t.deepEqual(readdirSync(path), ['old'])
  await writeFolderAtomic(path, async (aside) => {
    t.deepEqual(readdirSync(path), ['old'], 'the old one stays until the new one is whole')
    await writeDurably(join(aside, 'new'), 'x')
  })
  t.deepEqual(readdirSync(path), ['new'])
  t.deepEqual(readdirSync(folder), ['thing'])
})

test('what killed writers left is recognised and removed', async (t) => {
  const folder = scratch()
  let left = ''
  await writeFolderAtomic(join(folder, 'thing'), async (aside) => {
    left = aside
  })
  mkdirSync(left)
  writeFileSync(join(left, 'half'), '')
  writeFileSync(join(folder, 'other'), '')
  await removePartials(folder)
  t.deepEqual(readdirSync(folder).sort(), ['other', 'thing'])
  await removeFolder(join(folder, 'thing'))
  await removeFolder(join(folder, 'thing'))
  t.deepEqual(readdirSync(folder), ['other'])
})

test('errors of the system become one sentence with a remedy', (t) => {
  const message = (code: string) => storageError(Object.assign(new Error(code), { code }), 'runs/a').message
  t.is(message('EDQUOT'), 'Cannot write runs/a: the disk quota is used up; free some space and start again.')
  const full = Object.assign(new Error(), { code: 'ENOSPC' })
  t.is(storageError(full, 'x', 'go on').message, 'Cannot write x: the disk is full; go on.')
  t.is(
    message('EROFS'),
    'Cannot write runs/a: it is not permitted (EROFS); choose a place that you may write to.',
  )
  t.is(message('ENOTDIR'), 'Cannot write runs/a: something else is in the way (ENOTDIR); move it.')
  const bug = new TypeError('bug')
  t.is(storageError(bug, 'x'), bug, 'a bug is not disguised')
})

const whereFull = existsSync('/dev/full') ? test : test.skip
whereFull('a full disk is named', async (t) => {
  const error = await t.throwsAsync(writeDurably('/dev/full', 'x'))
  t.is((error as NodeJS.ErrnoException).code, 'ENOSPC')
})
