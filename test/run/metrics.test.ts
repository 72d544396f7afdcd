import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { FailureError } from '../../src/errors.ts'
import { metricsFile, parseMetrics } from '../../src/run/metrics.ts'
import { scratch } from '../scratch.ts'

const record = (path: string, from: number, to: number, through?: number) => {
  const file = metricsFile(path, through)
  for (let step = from; step <= to; step++) {
    file.record(step, { 'train/loss': 1 / step, rate: step * 1e-7 })
    if (step % 3 === 0) file.record(step, { 'eval/success': step / 100 })
  }
  file.flush()
  file.close()
}

test('writes one JSON line for each record', (t) => {
  const path = join(scratch(), 'metrics.jsonl')
  const file = metricsFile(path)
  file.record(1, { 'train/loss': 0.5, odd: Number.NaN })
  file.record(1, { success: 1 })
  file.close()
  t.is(readFileSync(path, 'utf8'), '{"step":1,"train/loss":0.5,"odd":null}\n{"step":1,"success":1}\n')
  t.deepEqual(parseMetrics(readFileSync(path)), [
    { step: 1, metrics: { 'train/loss': 0.5 } },
    { step: 1, metrics: { success: 1 } },
  ])
})

test('wherever a run is cut, resuming from a checkpoint ends with the same bytes', (t) => {
  const whole = join(scratch(), 'metrics.jsonl')
  record(whole, 1, 12)
  const expected = readFileSync(whole)
  const folder = scratch()
  fc.assert(
    fc.property(fc.nat(expected.length), fc.nat(12), (cut, checkpoint) => {
      const content = expected.subarray(0, cut)
      // The checkpoint of a step is written after everything of that step was recorded.
      fc.pre(lengthThrough(expected, checkpoint) <= cut)
      const path = join(folder, 'metrics.jsonl')
      writeFileSync(path, content)
      record(path, checkpoint + 1, 12, checkpoint)
      t.deepEqual(readFileSync(path), expected)
    }),
    { numRuns: 100 },
  )
})

test('a fresh start empties the file, and a torn line ends what is read', (t) => {
  const path = join(scratch(), 'metrics.jsonl')
  writeFileSync(path, '{"step":1,"a":1}\n{"step":2,"a"')
  t.deepEqual(parseMetrics(readFileSync(path)), [{ step: 1, metrics: { a: 1 } }])
  metricsFile(path).close()
  t.is(readFileSync(path, 'utf8'), '')
})

const whereFull = existsSync('/dev/full') ? test : test.skip
whereFull('a full disk is named', (t) => {
  const file = metricsFile('/dev/full')
  t.throws(() => file.record(1, { a: 1 }), {
    instanceOf: FailureError,
    message:
      'Cannot write /dev/full: the disk is full; free some space, then go on with the run (train --resume).',
  })
  file.close()
})

function lengthThrough(content: Buffer, step: number): number {
  const lines = content.toString().split('\n').slice(0, -1)
  return lines
    .filter((line) => JSON.parse(line).step <= step)
    .reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
