import { setImmediate } from 'node:timers/promises'

/** Work in pieces; after each of them something more urgent may go first. */
export type Pieces = AsyncIterable<unknown>

/** Does work one piece at a time, so that a server in the same thread stays awake. */
export interface WorkQueue {
  /**
   * @param key what it is; earlier work of the same key that is not done is given up
   * @param urgency the higher the earlier; among equals the newest goes first
   */
  add(key: string, urgency: number, pieces: Pieces): void
  /** Resolves once there is nothing to do. */
  idle(): Promise<void>
  /** Gives everything up, after the piece under way. */
  close(): Promise<void>
}

interface Job {
  readonly key: string
  readonly urgency: number
  readonly pieces: AsyncIterator<unknown>
}

/** @param onError called with what a piece throws; the rest of its work is given up */
export function createWorkQueue(onError: (error: unknown) => void): WorkQueue {
  let jobs: Job[] = []
  let running: Promise<void> | undefined
  let closed = false
  const next = () =>
    jobs.reduce<Job | undefined>((best, job) => (best && best.urgency > job.urgency ? best : job), undefined)
  const run = async () => {
    for (let job = next(); job && !closed; job = next()) {
      const { pieces } = job
      const done = await pieces.next().then(
        (result) => result.done ?? false,
        (error) => {
          onError(error)
          return true
        },
      )
      if (done) jobs = jobs.filter((other) => other !== job)
      await setImmediate()
    }
    running = undefined
  }
  return {
    add(key, urgency, pieces) {
      if (closed) return
      jobs = jobs.filter((job) => job.key !== key)
      jobs.push({ key, urgency, pieces: pieces[Symbol.asyncIterator]() })
      running ??= run()
    },
    idle: async () => running,
    async close() {
      closed = true
      await running
    },
  }
}
