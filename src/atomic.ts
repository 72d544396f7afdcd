import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FailureError, ImmiscibleError } from './errors.ts'

/** What a file is written from: text, bytes, or pieces of bytes in order. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Part of the name of everything that is still being written. */
const PARTIAL = '.partial-'
let written = 0
/** What to do about a full disk, unless whoever writes knows better. */
const FREE_AND_START = 'free some space and start again'

/**
 * Replaces a file in one instant: writes beside it, flushes to the disk, and renames. Whoever reads `path`,
 * after a crash too, finds either the old content or the new one.
 *
 * The package `write-file-atomic` is not used because it issues a single `write`, which a nearly full disk may
 * cut short without an error, and takes no pieces.
 *
 * @param whenFull what to do where the disk is full, for the message
 * @throws FailureError naming the file, where the disk is full or the place cannot be written
 */
export async function writeFileAtomic(path: string, content: Content, whenFull?: string): Promise<void> {
  const aside = partialName(path)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeDurably(aside, content)
    await rename(aside, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {})
    throw storageError(error, path, whenFull)
  }
}

/**
 * Makes a folder in one instant: `fill` writes into a folder beside it, which is then renamed. What is written
 * with {@link writeDurably} is on the disk before the name exists. Where a folder or file has that name already,
 * it is moved aside and removed; a crash in the instant between the two renames leaves neither under the name.
 *
 * @param path where the folder shall be
 * @param whenFull what to do where the disk is full, for the message
 * @throws FailureError naming the folder, where the disk is full or the place cannot be written
 */
export async function writeFolderAtomic(
  path: string,
  fill: (folder: string) => Promise<void>,
  whenFull?: string,
): Promise<void> {
  const aside = partialName(path)
  try {
    await mkdir(aside, { recursive: true })
    await fill(aside)
    await syncFolder(aside)
    await removeFolder(path)
    await rename(aside, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    throw storageError(error, path, whenFull)
  }
}

/** Removes a folder so that whoever looks sees all of it or nothing; no error if there is none. */
export async function removeFolder(path: string): Promise<void> {
  if (!(await stat(path).catch(() => undefined))) return
  const aside = partialName(path)
  await rename(path, aside)
  await rm(aside, { recursive: true, force: true })
}

/** Writes a new file and waits until it is on the disk; does not replace an existing one atomically. */
export async function writeDurably(path: string, content: Content): Promise<void> {
  const file = await open(path, 'w')
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content)
    else for await (const piece of content) await file.writeFile(piece)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes names created, renamed or removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and makes renames durable by itself.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Removes what writers that were killed left in a folder. Call only while nobody else writes there. */
export async function removePartials(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.includes(PARTIAL)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Says in one sentence which file could not be written and what to do; passes our own errors through. */
export function storageError(error: unknown, path: string, whenFull = FREE_AND_START): Error {
  if (error instanceof ImmiscibleError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const options = { cause: error }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'ENOSPC' ? 'the disk is full' : 'the disk quota is used up'
    return new FailureError(`Cannot write ${path}: ${what}; ${whenFull}.`, options)
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new FailureError(
      `Cannot write ${path}: it is not permitted (${code}); choose a place that you may write to.`,
      options,
    )
  }
  if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOTEMPTY') {
    return new FailureError(`Cannot write ${path}: something else is in the way (${code}); move it.`, options)
  }
  return error instanceof Error ? error : new FailureError(`Cannot write ${path}: ${String(error)}.`)
}

function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}${PARTIAL}${process.pid}-${++written}`)
}
