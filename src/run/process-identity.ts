import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Tells one process from every other, on this machine and, as far as may be, ever. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** When it started, in a form of the system's own; absent where the system does not tell. */
  readonly started?: string
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  const started = startOf(process.pid)
  return { pid: process.pid, host: hostname(), ...(typeof started === 'string' && { started }) }
}

/** Whether a process of this machine still runs. A number that the system gave to another one since does not count. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    // Signal 0 only asks. Being forbidden to signal it means that it is there.
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const now = startOf(pid)
  if (now === null) return false
  return started === undefined || now === undefined || now === started
}

/** When a process started; null if it has ended; undefined where the system does not tell. */
function startOf(pid: number): string | null | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, in parentheses, may hold anything; the state is the third and the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return `${boot}/${fields[19]}`
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : undefined
  }
}
