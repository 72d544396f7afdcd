import type { JobResult } from './record.ts'
import type { JobRequest } from './run-job.ts'

/** What a worker answers. Errors lose their class between threads, so they travel as plain data. */
export type JobAnswer =
  | { readonly result: JobResult | undefined }
  | { readonly error: { readonly name: string; readonly message: string; readonly stack?: string } }

// Awaited at the top level so that the pool imports this file, and does not require it: see rollout-worker.ts.
const { runJob } = await import('./run-job.ts')

/** Entry point of the worker threads: runs one job. */
export default async function jobWorker(request: JobRequest): Promise<JobAnswer> {
  try {
    return { result: await runJob(request) }
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    return { error: { name, message, stack } }
  }
}
