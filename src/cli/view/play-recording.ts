import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import {
  decodeRecording,
  decodeServerMessage,
  ProtocolError,
  type RecordedMessage,
} from '../../../viewer/protocol/index.ts'
import type { Hub } from '../../../viewer/server/index.ts'
import { InputError } from '../../errors.ts'

/** Longest pause between two messages, ms: nobody wants to sit out a night of training. */
const LONGEST_PAUSE = 1000

/** A recording that was read. */
export interface Recording {
  readonly path: string
  readonly messages: readonly RecordedMessage[]
}

/** @throws InputError naming the file, if it cannot be read, is no recording or holds a damaged message */
export async function readRecording(path: string): Promise<Recording> {
  const content = await readFile(path).catch(() => {
    throw new InputError(`Cannot read the recording ${path}; check the path.`)
  })
  const messages = orInputError(path, () => decodeRecording(content))
  // What is damaged is told before anything is served.
  for (const { bytes } of messages) orInputError(path, () => decodeServerMessage(bytes))
  return { path, messages }
}

/**
 * Publishes a recorded session again, message by message, at the pace at which it was recorded.
 *
 * @param pace 1 for the pace of the recording, 0 for all at once
 */
export async function playRecording(
  hub: Hub,
  { messages }: Recording,
  pace: number,
  signal?: AbortSignal,
): Promise<void> {
  let last = 0
  for (const { time, bytes } of messages) {
    const pause = Math.min(LONGEST_PAUSE, (time - last) * pace)
    last = time
    if (pause >= 1) await setTimeout(pause, undefined, { signal })
    const message = decodeServerMessage(bytes)
    if (message.type === 'drop') hub.drop(message.key)
    else if (message.type !== 'hello' && message.type !== 'ready') hub.publish(message)
  }
}

function orInputError<T>(path: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new InputError(`${path} cannot be played: ${error.message}`)
  }
}
