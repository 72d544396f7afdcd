import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { FailureError } from '../../src/errors.ts'
import { encodeRecord, RECORDING_MAGIC } from '../protocol/index.ts'
import type { Hub } from './hub.ts'

/**
 * Writes everything that a hub publishes to a file as it comes.
 *
 * @param path of the file, which is replaced
 * @param onError called once if it cannot be written; the viewer goes on without
 * @returns ends the recording and waits until it is written
 */
export function record(hub: Hub, path: string, onError: (error: Error) => void): () => Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const file = createWriteStream(path)
  let failed = false
  file.on('error', (error) => {
    failed = true
    onError(new FailureError(`The recording ${path} cannot be written (${error.message}); free some space.`))
  })
  const began = performance.now()
  file.write(RECORDING_MAGIC)
  const unsubscribe = hub.subscribe({
    offer: (_, bytes) => {
      if (!failed) file.write(encodeRecord({ time: performance.now() - began, bytes }))
    },
  })
  return () => {
    unsubscribe()
    return new Promise((resolve) => (failed ? resolve() : file.end(resolve)))
  }
}
