import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { DivergenceError, FailureError, InputError } from '../errors.ts'
import type { ImageRunRequest } from './image-run.ts'
import type { PlannerRunRequest } from './planner-run.ts'
import type { RunEvent } from './run-events.ts'
import type { ThreadJob, ThreadMessage } from './run-thread-worker.ts'

/** Trains a planner in a thread of its own; see {@link trainInThread}. */
export function trainPlannerInThread(
  request: PlannerRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  return trainInThread({ kind: 'planner', request }, signal)
}

/** Trains an image generator in a thread of its own; see {@link trainInThread}. */
export function trainImagesInThread(
  request: ImageRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  return trainInThread({ kind: 'images', request }, signal)
}

/**
 * Trains in a thread: a compiled step blocks its thread, and progress bars and servers shall stay alive.
 *
 * @throws whatever training throws
 */
export async function* trainInThread(
  job: ThreadJob,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const worker = new Worker(new URL(`./run-thread-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: job,
  })
  const stop = () => worker.postMessage('stop')
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const queue: ThreadMessage[] = []
  let wake = () => {}
  const push = (message: ThreadMessage) => {
    queue.push(message)
    wake()
  }
  worker.on('message', push)
  worker.on('error', (error) => push({ type: 'error', name: error.name, message: error.message }))
  worker.on('exit', () => push({ type: 'end' }))
  try {
    for (;;) {
      while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const message = queue.shift()!
      if (message.type === 'end') return
      if (message.type === 'error') throw revived(message)
      yield message.event
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    if (queue.at(-1)?.type !== 'end') {
      stop()
      if (worker.threadId !== -1) await once(worker, 'exit')
    }
  }
}

/** Errors lose their class on the way between threads. */
function revived({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'InputError') return new InputError(message)
  if (name === 'DivergenceError') return new DivergenceError(message)
  return new FailureError(message)
}
