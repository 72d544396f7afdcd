import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { eventsFile } from '../../src/run/tensorboard.ts'
import { scratch } from '../scratch.ts'

/** CRC-32C bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
const masked = (bytes: Uint8Array) => {
  const crc = crc32c(bytes)
  return Number((BigInt(((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8n) & 0xffffffffn)
}

/** Fields of a protobuf message by number, decoded from the wire format. */
function fields(bytes: Buffer): [number, number | Buffer][] {
  const out: [number, number | Buffer][] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const wire = key & 7
    if (wire === 0) out.push([key >> 3, varint()])
    else if (wire === 1) out.push([key >> 3, bytes.readDoubleLE((at += 8) - 8)])
    else if (wire === 5) out.push([key >> 3, bytes.readFloatLE((at += 4) - 4)])
    else {
      const length = varint()
      out.push([key >> 3, bytes.subarray(at, (at += length))])
    }
  }
  return out
}

/** Every event of a file, its frames' checksums checked. */
function events(path: string) {
  const file = readFileSync(path)
  const out: { time: number; step: number; version?: string; values: Record<string, number> }[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error('length checksum')
    const data = file.subarray(at + 12, at + 12 + length)
    if (file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error('data checksum')
    const event = Object.fromEntries(fields(data))
    const values: Record<string, number> = {}
    for (const [, value] of event[5] ? fields(event[5] as Buffer) : []) {
      const { 1: tag, 2: number } = Object.fromEntries(fields(value as Buffer))
      values[String(tag)] = number as number
    }
    out.push({
      time: event[1] as number,
      step: (event[2] as number) ?? 0,
      ...(event[3] && { version: String(event[3]) }),
      values,
    })
    at += 16 + length
  }
  return out
}

const record = (path: string, from: number, to: number, through?: number, clock = () => 5) => {
  const file = eventsFile(path, { through, clock })
  for (let step = from; step <= to; step++) file.record(step, { 'train/loss': step / 4, rate: 0.5 })
  file.flush()
  file.close()
}

test('the checksum is CRC-32C', (t) => {
  t.is(crc32c(Buffer.from('123456789')), 0xe3069283)
})

test('writes what TensorBoard reads', (t) => {
  const path = join(scratch(), 'events.out.tfevents.1.host')
  let time = 1.5e9
  record(path, 0, 300, undefined, () => time++)
  const all = events(path)
  t.deepEqual(all[0], { time: 1.5e9, step: 0, version: 'brain.Event:2', values: {} })
  t.is(all.length, 302)
  t.deepEqual(all[301], { time: 1.5e9 + 301, step: 300, values: { 'train/loss': 75, rate: 0.5 } })
})

test('wherever a run is cut, resuming from a checkpoint ends with the same events', (t) => {
  const folder = scratch()
  const whole = join(folder, 'whole')
  record(whole, 1, 8)
  const expected = readFileSync(whole)
  const after = (step: number) => {
    const path = join(folder, 'part')
    record(path, 1, step)
    return readFileSync(path).length
  }
  const lengths = Array.from({ length: 9 }, (_, step) => after(step))
  fc.assert(
    fc.property(fc.nat(expected.length), fc.nat(8), (cut, checkpoint) => {
      fc.pre(lengths[checkpoint] <= cut)
      const path = join(folder, 'resumed')
      writeFileSync(path, expected.subarray(0, cut))
      record(path, checkpoint + 1, 8, checkpoint)
      t.deepEqual(readFileSync(path), expected)
    }),
    { numRuns: 60 },
  )
})

test('keeps wall times on resuming, and fills a lost file from the metrics', (t) => {
  const path = join(scratch(), 'events')
  record(path, 1, 4)
  record(path, 3, 5, 2, () => 9)
  t.deepEqual(
    events(path).map(({ time, step }) => [time, step]),
    [
      [5, 0],
      [5, 1],
      [5, 2],
      [9, 3],
      [9, 4],
      [9, 5],
    ],
  )
  truncateSync(path, 0)
  const earlier = () => [1, 2, 3].map((step) => ({ step, metrics: { a: step } }))
  eventsFile(path, { through: 2, earlier, clock: () => 7 }).close()
  t.deepEqual(
    events(path).map(({ step, values }) => [step, values]),
    [
      [0, {}],
      [1, { a: 1 }],
      [2, { a: 2 }],
    ],
  )
})
