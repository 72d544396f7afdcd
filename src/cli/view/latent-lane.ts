import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PARTS } from '../../run/run-folder.ts'
import type { ShowOptions } from './open-lanes.ts'
import { type OpenLane, openRun } from './open-run.ts'

/** Milliseconds between looks for the next stage. */
const INTERVAL = 1000
const ENCODING = 'Before the denoiser begins, all images are encoded.'

/** What a run of latent diffusion is at: its autoencoder, then the latents of all images, then itself. */
interface Stage {
  /** Folder of the run to show; absent while there is none. */
  readonly folder?: string
  readonly encoding: boolean
}

/** Whether a folder holds what latent diffusion makes before its run begins, and no run yet. */
export function isBegun(path: string): boolean {
  return !existsSync(join(path, 'config.json')) && existsSync(join(path, PARTS, 'config.json'))
}

function stageOf(path: string): Stage {
  if (existsSync(join(path, 'config.json'))) return { folder: path, encoding: false }
  const parts = join(path, PARTS)
  const autoencoder = join(parts, 'autoencoder')
  const trained = existsSync(join(parts, 'pipeline', 'model_index.json'))
  return existsSync(join(autoencoder, 'config.json'))
    ? { folder: autoencoder, encoding: trained }
    : { encoding: true }
}

/**
 * Shows a run of latent diffusion that has not begun: its autoencoder as it is trained, and the run itself as soon
 * as it is there.
 *
 * @param run its number
 * @throws InputError if what is there is damaged
 */
export async function latentLane(path: string, run: number, options: ShowOptions): Promise<OpenLane> {
  const { hub } = options
  const open = async ({ folder }: Stage) => (folder === undefined ? undefined : openRun(folder, run, options))
  let stage = stageOf(path)
  let shown = await open(stage)
  let timer: ReturnType<typeof setInterval> | undefined

  const begin = async () => {
    await shown?.lane.begin()
    hub.publish({ type: 'notice', level: 'info', text: stage.encoding ? ENCODING : '' })
  }
  const follow = async () => {
    const next = stageOf(path)
    if (next.folder !== stage.folder) {
      const opened = await open(next)
      shown?.watch?.close()
      hub.drop(`/run/${run}`)
      shown = opened
    }
    const changed = next.folder !== stage.folder || next.encoding !== stage.encoding
    stage = next
    if (changed) await begin()
    await shown?.watch?.look()
  }
  let looking: Promise<void> | undefined
  const look = () => {
    // A folder that is being written to may fail any look; the next one tells more.
    looking ??= follow()
      .catch(() => {})
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  return {
    lane: {
      firstSeed: 0,
      async begin() {
        await begin()
        timer = setInterval(look, INTERVAL)
      },
      async *open() {},
    },
    watch: {
      look,
      close() {
        clearInterval(timer)
        shown?.watch?.close()
      },
    },
  }
}
