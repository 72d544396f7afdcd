import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FailureError } from '../src/errors.ts'
import { type Job, type Outcome, THREADS } from './job.ts'
import { runPeer } from './peer.ts'

/** A job but for what all jobs have in common. */
export type Task = Job extends infer Each ? (Each extends Job ? Omit<Each, 'threads'> : never) : never

/** One run of each side, one after the other; the peer's is undefined where PyTorch is absent. */
export interface Round {
  readonly own: Outcome
  readonly peer?: Outcome
}

/**
 * Runs a job on both sides in turns, every run in a process of its own, so that neither's memory or threads
 * weigh on the other and a machine that slows down slows both.
 *
 * @throws FailureError if the two networks are not of one size
 */
export async function takeTurns(task: Task, rounds: number): Promise<Round[]> {
  const taken: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const own = await runOwn(task)
    const script = 'type' in task.network ? 'image-unet.py' : 'temporal-unet.py'
    const peer = await runPeer<Outcome>(script, { ...task, threads: THREADS }, THREADS)
    if (peer && peer.parameters !== own.parameters) {
      throw new FailureError(
        `The networks differ: ${own.parameters} parameters here, ${peer.parameters} in bench/${script}; mend the latter.`,
      )
    }
    taken.push({ own, peer })
  }
  return taken
}

/** Runs a job here, in a process of its own. */
export async function runOwn(task: Task): Promise<Outcome> {
  const child = fileURLToPath(new URL('./child.ts', import.meta.url))
  const job = JSON.stringify({ ...task, threads: THREADS })
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    '--expose-gc',
    child,
    job,
  ])
  return JSON.parse(stdout)
}
