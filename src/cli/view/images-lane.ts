import { basename } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import type { RunView } from '../../run/run-folder.ts'
import type { Lane } from './lane.ts'

/** A run that generates images: there is nothing to roll out, its sample grids are watched for. */
export function imagesLane(hub: Hub, run: number, folder: RunView): Lane {
  return {
    firstSeed: 0,
    async begin() {
      hub.publish({
        type: 'run',
        run,
        label: basename(folder.path),
        kind: 'images',
        environment: '',
        summary: 'Images generated while training.',
        config: JSON.stringify(folder.config),
        modes: [],
        period: 1,
        act: 0,
        step: 0,
      })
    },
    async *open() {},
  }
}
