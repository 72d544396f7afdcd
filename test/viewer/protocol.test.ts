import { encode } from '@msgpack/msgpack'
import test from 'ava'
import fc from 'fast-check'
import {
  type ClientMessage,
  decodeClientMessage,
  decodeRecording,
  decodeServerMessage,
  encodeMessage,
  encodeRecord,
  keyOf,
  ProtocolError,
  RECORDING_MAGIC,
  type ServerMessage,
} from '../../viewer/protocol/index.ts'
import { episodeMessage, framesMessage, planMessage, runMessage, sceneMessage } from './messages.ts'

const messages: ServerMessage[] = [
  { type: 'hello', version: 1, session: 'a', interactive: true },
  runMessage(),
  sceneMessage(),
  episodeMessage(7),
  framesMessage(episodeMessage(7)),
  planMessage(7, 0),
  { type: 'images', run: 0, step: 100, png: Uint8Array.of(137, 80, 78, 71) },
  {
    type: 'curves',
    run: 0,
    curves: [{ name: 'loss', steps: Float32Array.of(1), values: Float32Array.of(2) }],
  },
  { type: 'drop', key: '/run/0/images/100' },
  { type: 'ready' },
]

test('messages arrive as they were sent, whatever they are aligned to', (t) => {
  for (const message of messages) {
    const bytes = encodeMessage(message)
    t.deepEqual(decodeServerMessage(bytes), message)
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    t.deepEqual(decodeServerMessage(shifted.subarray(1)), message)
  }
  const asked: ClientMessage = { type: 'open', episode: 3, count: 12 }
  t.deepEqual(decodeClientMessage(encodeMessage(asked)), asked)
})

test('of each key the newest message counts', (t) => {
  t.is(keyOf(episodeMessage(7)), '/run/0/episode/7')
  t.is(keyOf(framesMessage(episodeMessage(7))), '/run/0/episode/7/frames')
  t.is(keyOf(planMessage(7, 2, { run: 1 })), '/run/1/episode/7/plan/2')
  t.is(keyOf(sceneMessage(1)), '/run/1/scene')
})

test('arrays must have the lengths that are announced', (t) => {
  const plan = planMessage(7, 0)
  for (const wrong of [
    { ...plan, noisy: plan.noisy.subarray(2) },
    { ...plan, modes: new Int16Array(2) },
    { ...plan, count: 1000 },
    { ...episodeMessage(1), latency: new Float32Array(1) },
  ]) {
    t.throws(() => decodeServerMessage(encodeMessage(wrong)), { instanceOf: ProtocolError })
  }
})

test('what is no message is refused with a reason', (t) => {
  const refuse = (value: unknown, message: RegExp) =>
    t.throws(() => decodeClientMessage(encode(value)), { instanceOf: ProtocolError, message })
  refuse({ type: 'shutdown' }, /type/)
  refuse({ type: 'open', episode: -1, count: 12 }, /episode/)
  refuse({ type: 'open', episode: 1, count: 1e9 }, /count/)
  refuse('open', /./)
  t.throws(() => decodeClientMessage(Uint8Array.of(0xc1)), { message: /not MessagePack/ })
})

test('no bytes whatsoever do more than be refused', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const decode of [decodeClientMessage, decodeServerMessage]) {
      try {
        decode(bytes)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
      }
    }
  })
  t.notThrows(() => fc.assert(property, { numRuns: 300 }))
})

test('a message with a byte changed is refused or a message', (t) => {
  const bytes = encodeMessage(planMessage(7, 0))
  const property = fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
    const changed = bytes.slice()
    changed[at] = value
    try {
      const message = decodeServerMessage(changed)
      return (
        message.type !== 'plan' ||
        message.noisy.length === message.times.length * message.count * message.points * 2
      )
    } catch (error) {
      return error instanceof ProtocolError
    }
  })
  t.notThrows(() => fc.assert(property, { numRuns: 300 }))
})

test('a recording gives back every whole message', (t) => {
  const sent = messages.map((message, i) => ({ time: 10 * i, bytes: encodeMessage(message) }))
  const content = Buffer.concat([RECORDING_MAGIC, ...sent.map(encodeRecord)])
  const read = decodeRecording(content)
  t.deepEqual(
    read.map(({ time, bytes }) => ({ time, message: decodeServerMessage(bytes) })),
    messages.map((message, i) => ({ time: 10 * i, message })),
  )
  t.is(decodeRecording(content.subarray(0, content.length - 1)).length, messages.length - 1)
  t.throws(() => decodeRecording(Buffer.from('GIF89a')), { instanceOf: ProtocolError })
})
