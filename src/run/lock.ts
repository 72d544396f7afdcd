import { readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { lock as guard } from 'proper-lockfile'
import { storageError, writeFileAtomic } from '../atomic.ts'
import { InputError } from '../errors.ts'
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity.ts'

const OWNER = 'lock.json'

/**
 * Takes a run folder for this process, until it is released or the process ends, however it ends.
 *
 * `lock.json` names the owner; one that no longer runs is replaced at once, with no time to wait out and no
 * timer that a busy process could miss. `proper-lockfile` guards the moment in which the owner is looked up and
 * replaced.
 *
 * @returns releases the folder
 * @throws InputError naming the process that uses the folder, and what to do
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, OWNER)
  const me = thisProcess()
  await guarded(folder, async () => {
    const owner = await readOwner(path)
    if (owner) refuse(folder, path, owner)
    await writeFileAtomic(path, `${JSON.stringify(me)}\n`)
  })
  return () =>
    guarded(folder, async () => {
      const owner = await readOwner(path)
      if (owner?.pid === me.pid && owner.host === me.host) await rm(path, { force: true })
    })
}

/** Whether a process of this machine is writing to a run folder. */
export async function isInUse(folder: string): Promise<boolean> {
  const owner = await readOwner(join(folder, OWNER))
  return owner !== undefined && owner.host === hostname() && isRunning(owner)
}

async function guarded(folder: string, action: () => Promise<void>): Promise<void> {
  const release = await guard(folder, {
    lockfilePath: join(folder, '.lock-guard'),
    realpath: false,
    stale: 5000,
    // A process killed within the guarded moment leaves the guard behind; it is waited out.
    retries: { retries: 40, factor: 1.3, minTimeout: 10, maxTimeout: 500 },
  }).catch((error) => {
    if (error.code !== 'ELOCKED') throw storageError(error, folder)
    throw new InputError(`Other processes keep locking the run folder ${folder}; wait until they are done.`)
  })
  try {
    await action()
  } finally {
    await release()
  }
}

async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const owner = JSON.parse(text)
    return Number.isInteger(owner.pid) && typeof owner.host === 'string' ? owner : undefined
  } catch {
    return undefined
  }
}

function refuse(folder: string, path: string, owner: ProcessIdentity): void {
  if (owner.host !== hostname()) {
    throw new InputError(
      `The run folder ${folder} is in use by process ${owner.pid} on ${owner.host}; stop it, or delete ${path} if it is gone.`,
    )
  }
  if (isRunning(owner)) {
    throw new InputError(
      `The run folder ${folder} is in use by process ${owner.pid}; wait for it or stop it, or choose another folder.`,
    )
  }
}
