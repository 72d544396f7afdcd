import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Coupling, CouplingConfig } from '../coupling/index.ts'
import { FailureError, InputError } from '../errors.ts'
import type { CouplingAnswer, CouplingJob } from './coupling-thread-worker.ts'

/** A coupling in a thread of its own: it chooses the same noise, while this thread does something else. */
export interface CouplingThread {
  readonly couple: Coupling['couple']
  close(): Promise<void>
}

/** Starts a thread with the coupling of a config; close it after use. */
export function couplingThread(config: CouplingConfig): CouplingThread {
  // The worker inherits the options of this process, such as the loader of TypeScript sources.
  const worker = new URL(`./coupling-thread-worker${extname(import.meta.url)}`, import.meta.url)
  const pool = new Piscina<CouplingJob, CouplingAnswer>({
    filename: fileURLToPath(worker),
    minThreads: 1,
    maxThreads: 1,
  })
  return {
    async couple(data, rng, context) {
      const answer = await pool.run({ config, data, rng: rng.state(), context })
      if ('noise' in answer) return answer.noise
      const { name, message } = answer.error
      throw name === 'InputError' ? new InputError(message) : new FailureError(message)
    },
    close: () => pool.destroy(),
  }
}
