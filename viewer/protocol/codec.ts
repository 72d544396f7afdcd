import { decode, ExtensionCodec, encode } from '@msgpack/msgpack'
import type { z } from 'zod/mini'
import { type ClientMessage, clientMessage, type ServerMessage, serverMessage } from './messages.ts'

/** Why bytes are no message of the protocol. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

/** MessagePack extension types of arrays of numbers, little-endian as on every machine that runs a browser. */
const FLOAT32 = 1
const INT16 = 2

const extensions = new ExtensionCodec()
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
const whole = (data: Uint8Array, size: number) => {
  if (data.byteLength % size !== 0) throw new ProtocolError(`An array of ${data.byteLength} bytes is torn.`)
  // A copy, aligned to its type; `slice` of a Node buffer would share its memory.
  return new Uint8Array(data).buffer
}
extensions.register({
  type: FLOAT32,
  encode: (value: unknown) => (value instanceof Float32Array ? bytesOf(value) : null),
  decode: (data) => new Float32Array(whole(data, 4)),
})
extensions.register({
  type: INT16,
  encode: (value: unknown) => (value instanceof Int16Array ? bytesOf(value) : null),
  decode: (data) => new Int16Array(whole(data, 2)),
})

/** A message as bytes: MessagePack, arrays of numbers as extensions 1 (float32) and 2 (int16). */
export function encodeMessage(message: ServerMessage | ClientMessage): Uint8Array {
  return encode(message, { extensionCodec: extensions })
}

/** @throws ProtocolError saying what is wrong, unless the bytes are a message that servers send */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  return checkLengths(decoded(serverMessage, bytes))
}

/** @throws ProtocolError saying what is wrong, unless the bytes are a message that clients send */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  return decoded(clientMessage, bytes)
}

function decoded<Schema extends z.ZodMiniType>(schema: Schema, bytes: Uint8Array): z.infer<Schema> {
  let value: unknown
  try {
    value = decode(bytesOf(bytes), { extensionCodec: extensions })
  } catch (error) {
    throw new ProtocolError(`This is not MessagePack: ${(error as Error).message}`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]
  throw new ProtocolError(`The message is not of the protocol: ${path.join('.') || 'type'}: ${message}`)
}

/** Arrays must have the lengths that the numbers beside them announce: readers index them unchecked. */
function checkLengths(message: ServerMessage): ServerMessage {
  const expect = (what: string, found: number, expected: number) => {
    if (found === expected) return
    throw new ProtocolError(`"${what}" of a ${message.type} has ${found} numbers, not ${expected}.`)
  }
  switch (message.type) {
    case 'plan': {
      const { count, points, times, noisy, clean, modes, rewards } = message
      expect('noisy', noisy.length, times.length * count * points * 2)
      expect('clean', clean.length, Math.max(0, times.length - 1) * count * points * 2)
      expect('modes', modes.length, count)
      expect('rewards', rewards.length, count)
      break
    }
    case 'demonstrations':
      expect('modes', message.modes.length, message.count)
      if (message.count > 0) expect('paths', message.paths.length % (2 * message.count), 0)
      break
    case 'coupling': {
      const { data, before, after, modes } = message
      for (const rows of [data, before, after]) expect('data', rows.length, 2 * modes.length)
      break
    }
    case 'curves':
      for (const { name, steps, values } of message.curves) expect(name, values.length, steps.length)
      break
    case 'episode':
      expect('path', message.path.length % 2, 0)
      expect('latency', message.latency.length, message.replans.length)
      break
  }
  return message
}
