import { readRun } from '../../run/run-folder.ts'
import type { Lane } from './lane.ts'
import type { ShowOptions } from './open-lanes.ts'
import { runLane } from './run-lane.ts'
import { type Watch, watchRun } from './watch-run.ts'

/** A lane, and what watches its folder. */
export interface OpenLane {
  readonly lane: Lane
  readonly watch?: Watch
}

/**
 * Opens the folder of a run.
 *
 * @param run its number
 * @throws InputError if there is none, or it is damaged
 */
export async function openRun(path: string, run: number, options: ShowOptions): Promise<OpenLane> {
  const { hub, onCheckpoint } = options
  const folder = await readRun(path)
  const { lane, steps } = await runLane(folder, run, options)
  const watch = watchRun({ hub, run, folder, steps, onCheckpoint: (step) => onCheckpoint?.(lane, step) })
  return { lane, watch }
}
