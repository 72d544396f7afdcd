import { ProtocolError } from './codec.ts'

/** First bytes of a recording. */
export const RECORDING_MAGIC = new TextEncoder().encode('immiscible-view-1\n')

/** A message of a recording, as the bytes that were sent. */
export interface RecordedMessage {
  /** Milliseconds since the recording began. */
  readonly time: number
  readonly bytes: Uint8Array
}

/** Before each message: its length, uint32, and its time, float64; little-endian. */
const HEAD = 12

/** A message as it stands in a recording, after {@link RECORDING_MAGIC}. */
export function encodeRecord({ time, bytes }: RecordedMessage): Uint8Array {
  const record = new Uint8Array(HEAD + bytes.byteLength)
  const view = new DataView(record.buffer)
  view.setUint32(0, bytes.byteLength, true)
  view.setFloat64(4, time, true)
  record.set(bytes, HEAD)
  return record
}

/**
 * The messages of a recording, as views. One whose end is missing, because the recorder was killed, ends with
 * its last whole message.
 *
 * @throws ProtocolError if the bytes do not begin like a recording
 */
export function decodeRecording(content: Uint8Array): RecordedMessage[] {
  if (!RECORDING_MAGIC.every((byte, i) => content[i] === byte)) {
    throw new ProtocolError('This is no recording of the viewer.')
  }
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const messages: RecordedMessage[] = []
  for (let at = RECORDING_MAGIC.length; at + HEAD <= content.byteLength; ) {
    const end = at + HEAD + view.getUint32(at, true)
    if (end > content.byteLength) break
    messages.push({ time: view.getFloat64(at + 4, true), bytes: content.subarray(at + HEAD, end) })
    at = end
  }
  return messages
}
