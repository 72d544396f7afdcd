import { basename, dirname } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import { isLatentConfig } from '../../config/run-config.ts'
import { PARTS, type RunView } from '../../run/run-folder.ts'
import type { Lane } from './lane.ts'

/** A run that generates images: there is nothing to roll out, its sample grids are watched for. */
export function imagesLane(hub: Hub, run: number, folder: RunView): Lane {
  const { label, summary } = described(folder)
  return {
    firstSeed: 0,
    async begin() {
      hub.publish({
        type: 'run',
        run,
        label,
        kind: 'images',
        environment: sourceOf(folder.config),
        summary,
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

/** Runs of autoencoders lie in the parts of the run that they are made for, and are named after it. */
function described({ path, config }: RunView): { readonly label: string; readonly summary: string } {
  const name = basename(path)
  if (isAutoencoder(config)) {
    const above = dirname(path)
    const label = basename(above) === PARTS ? `${basename(dirname(above))} · ${name}` : name
    return { label, summary: 'Images that training does not see, and what the autoencoder makes of them.' }
  }
  return { label: name, summary: 'Images generated while training, always from the same noise.' }
}

/** An autoencoder's run has no denoiser. */
function isAutoencoder(config: unknown): boolean {
  return isLatentConfig(config) && !('denoiser' in config)
}

/** What the images are, such as `mnist`. */
function sourceOf(config: unknown): string {
  const source = (config as { readonly images?: { readonly source?: { readonly type?: unknown } } }).images
    ?.source?.type
  return typeof source === 'string' ? source : 'images'
}
