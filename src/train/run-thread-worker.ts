import { parentPort, workerData } from 'node:worker_threads'
import type { ImageRunRequest } from './image-run.ts'
import type { LatentRunRequest } from './latent-run.ts'
import type { PlannerRunRequest } from './planner-run.ts'
import type { RunEvent } from './run-events.ts'

/** What a training thread is asked to do. */
export type ThreadJob =
  | { readonly kind: 'planner'; readonly request: PlannerRunRequest }
  | { readonly kind: 'images'; readonly request: ImageRunRequest }
  | { readonly kind: 'latent'; readonly request: LatentRunRequest }

/** What the training thread posts. `end` is added by the other side. */
export type ThreadMessage =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'error'; readonly name: string; readonly message: string }
  | { readonly type: 'end' }

async function start(
  job: ThreadJob,
  signal: AbortSignal,
): Promise<AsyncGenerator<RunEvent, void, undefined>> {
  if (job.kind === 'planner') return (await import('./planner-run.ts')).trainPlannerRun(job.request, signal)
  if (job.kind === 'latent') return (await import('./latent-run.ts')).trainLatentRun(job.request, signal)
  return (await import('./image-run.ts')).trainImageRun(job.request, signal)
}

const port = parentPort!
const controller = new AbortController()
port.on('message', () => controller.abort())
const post = (message: ThreadMessage) => port.postMessage(message)
try {
  for await (const event of await start(workerData as ThreadJob, controller.signal)) {
    post({ type: 'event', event })
  }
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'error', name, message })
} finally {
  port.close()
}
