import test from 'ava'
import { positive, real, whole } from '../../src/cli/arguments.ts'
import { createProgram } from '../../src/cli/program.ts'

test('numbers are read, and what is none is told what to give', (t) => {
  t.deepEqual([whole('0'), positive('12'), real('-1.5')], [0, 12, -1.5])
  for (const text of ['', '-1', '1.5', 'ten']) t.throws(() => whole(text), { message: /at least 0/ })
  for (const text of ['', '0', '1.5', 'ten']) t.throws(() => positive(text), { message: /at least 1/ })
  for (const text of ['', 'ten']) t.throws(() => real(text), { message: 'Give a number.' })
})

test('counts of nothing are refused, by every command', (t) => {
  const counts = [
    'episodes',
    'count',
    'steps',
    'batch',
    'size',
    'seeds',
    'workers',
    'rounds',
    'samples',
    'noises',
  ]
  const all = createProgram().commands.flatMap((command) => [command, ...command.commands])
  const options = all.flatMap(({ options }) => options.filter(({ long }) => counts.includes(long!.slice(2))))
  t.true(options.length >= counts.length)
  for (const { flags, parseArg } of options) {
    t.throws(() => parseArg!('0', undefined), { message: 'Give a whole number of at least 1.' }, flags)
  }
})
