import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { FREE_AND_RESUME } from '../run/full-disk.ts'
import type { RunEvent } from './run-events.ts'

/** Keeps a picture of a run's samples as `samples/step-….png`. @returns the event that tells of it */
export async function saveGrid(
  run: { readonly path: string },
  step: number,
  png: Uint8Array,
): Promise<Extract<RunEvent, { type: 'samples' }>> {
  const path = join(run.path, 'samples', `step-${String(step).padStart(8, '0')}.png`)
  await writeFileAtomic(path, png, FREE_AND_RESUME)
  return { type: 'samples', step, path }
}
