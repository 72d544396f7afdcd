import { parentPort, workerData } from 'node:worker_threads'
import { type PlannerRunRequest, trainPlannerRun } from './planner-run.ts'
import type { RunEvent } from './run-events.ts'

/** What the training thread posts. `end` is added by the other side. */
export type ThreadMessage =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'error'; readonly name: string; readonly message: string }
  | { readonly type: 'end' }

const port = parentPort!
const controller = new AbortController()
port.on('message', () => controller.abort())
const post = (message: ThreadMessage) => port.postMessage(message)
try {
  for await (const event of trainPlannerRun(workerData as PlannerRunRequest, controller.signal)) {
    post({ type: 'event', event })
  }
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'error', name, message })
} finally {
  port.close()
}
