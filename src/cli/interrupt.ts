import type { Output } from './output.ts'

/** Exit code of a command that Ctrl-C stopped. */
export const INTERRUPTED = 130

const CHECKPOINT = 'stopping after this step, with a checkpoint; once more to stop at once'

/** What stopping means while demonstrations are collected. */
export const UNFINISHED = 'stopping; unfinished demonstrations are not kept'

/**
 * Runs something that Ctrl-C stops.
 *
 * @param action ends early once the signal is aborted, or throws the signal's reason
 * @param notice what stopping means, told at the first Ctrl-C
 * @returns what the action does; undefined if it threw the signal's reason
 */
export async function stoppable<T>(
  output: Output,
  action: (signal: AbortSignal) => Promise<T>,
  notice = CHECKPOINT,
): Promise<T | undefined> {
  const controller = new AbortController()
  const stop = () => {
    // The second time, the user means it.
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    output.warn(notice)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await action(controller.signal)
  } catch (error) {
    if (controller.signal.aborted && error === controller.signal.reason) return undefined
    throw error
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
