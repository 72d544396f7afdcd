import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { storageError } from '../atomic.ts'

/** A file that grows. Writes are complete when they return, so a killed process loses none of them. */
export interface AppendFile {
  readonly path: string
  append(bytes: Uint8Array | string): void
  /** Waits until everything is on the disk. */
  flush(): void
  close(): void
}

/**
 * Opens a file to append to; an empty one, unless `keep` is given.
 *
 * @param keep how many bytes of the present content to keep, given that content; the rest is cut off
 * @param whenFull what to do where the disk is full, for the message
 * @throws FailureError naming the file, where the disk is full or the place cannot be written
 */
export function appendFile(
  path: string,
  keep?: (content: Uint8Array) => number,
  whenFull?: string,
): AppendFile {
  const attempt = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      throw storageError(error, path, whenFull)
    }
  }
  const file = attempt(() => openSync(path, keep ? 'a+' : 'w'))
  if (keep) {
    attempt(() => {
      const content = readFileSync(file)
      const kept = keep(content)
      if (kept < content.length) ftruncateSync(file, kept)
    })
  }
  return {
    path,
    append(content) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      attempt(() => {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      })
    },
    flush: () => attempt(() => fsyncSync(file)),
    close: () => closeSync(file),
  }
}
