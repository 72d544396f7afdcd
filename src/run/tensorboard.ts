import crc32c from 'crc-32/crc32c.js'
import protobuf from 'protobufjs'
import { appendFile } from './append-file.ts'
import { FREE_AND_RESUME } from './full-disk.ts'
import type { Metrics, MetricsLine, MetricsSink } from './metrics.ts'

/** The part of TensorFlow's `event.proto` and `summary.proto` that holds scalars. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: {
      fields: { value: { rule: 'repeated', type: 'Value', id: 1 } },
      nested: {
        Value: { fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } } },
      },
    },
  },
})
const Event = schema.lookupType('Event')

/** Frame around each record: length and its checksum before, checksum of the data after (TFRecord). */
const HEAD = 12
const FOOT = 4

/** How {@link eventsFile} goes on with a file. */
export interface EventsOptions {
  /** Keep the events of steps up to this one; nothing is kept where absent. */
  readonly through?: number
  /** What to fill a new file with, such as the metrics of a run whose events file was lost. */
  readonly earlier?: () => readonly MetricsLine[]
  /** Seconds since 1970. */
  readonly clock?: () => number
}

/**
 * Opens a TensorBoard events file: TFRecord frames of `Event` messages, one with all scalars of a step.
 *
 * Resuming cuts off what follows the step resumed from, and a torn last record, so that a run that was killed
 * and resumed ends with the same events as one that never was, but for their wall times.
 *
 * @param path its name must contain `tfevents` for TensorBoard to find it
 * @throws FailureError naming the file, where the disk is full or the place cannot be written
 */
export function eventsFile(path: string, options: EventsOptions = {}): MetricsSink {
  const { through, clock = () => Date.now() / 1000 } = options
  let kept = 0
  const keep =
    through === undefined ? undefined : (content: Uint8Array) => (kept = keptBytes(content, through))
  const file = appendFile(path, keep, FREE_AND_RESUME)
  const write = (event: object) => file.append(frame(Event.encode(Event.create(event)).finish()))
  const record = (step: number, metrics: Metrics) => {
    const value = Object.entries(metrics).map(([tag, simpleValue]) => ({ tag, simpleValue }))
    write({ wallTime: clock(), step, summary: { value } })
  }
  if (kept === 0) {
    write({ wallTime: clock(), fileVersion: 'brain.Event:2' })
    for (const { step, metrics } of options.earlier?.() ?? []) {
      if (through !== undefined && step <= through) record(step, metrics)
    }
  }
  return { record, flush: () => file.flush(), close: () => file.close() }
}

/** How long the beginning of `content` is that holds whole records of steps up to `through`. */
function keptBytes(content: Uint8Array, through: number): number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  let at = 0
  while (at + HEAD + FOOT <= content.length) {
    const length = Number(view.getBigUint64(at, true))
    const end = at + HEAD + length + FOOT
    if (view.getUint32(at + 8, true) !== maskedCrc(content.subarray(at, at + 8))) break
    if (end > content.length) break
    const data = content.subarray(at + HEAD, end - FOOT)
    if (view.getUint32(end - FOOT, true) !== maskedCrc(data)) break
    const { step } = Event.toObject(Event.decode(data), { longs: Number, defaults: true })
    // The first record, which names the version, has no step.
    if (at > 0 && step > through) break
    at = end
  }
  return at
}

function frame(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + data.length + FOOT)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true)
  bytes.set(data, HEAD)
  view.setUint32(HEAD + data.length, maskedCrc(data), true)
  return bytes
}

/** TFRecord stores checksums rotated and shifted, lest a checksum of data with checksums degenerate. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
