import type { Output } from './output.ts'

/** Exit code of a command that Ctrl-C stopped. */
export const INTERRUPTED = 130

/** Runs something that Ctrl-C stops with a checkpoint. */
export async function stoppable<T>(output: Output, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    // The second time, the user means it.
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    output.warn('stopping after this step, with a checkpoint; once more to stop at once')
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await action(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** Aborted by Ctrl-C. */
export function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
