import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import { checkpointSteps } from '../../run/checkpoint.ts'
import { isInUse } from '../../run/lock.ts'
import { parseMetrics } from '../../run/metrics.ts'
import type { RunView } from '../../run/run-folder.ts'
import { curvesMessage } from './curves-message.ts'

/** Milliseconds between looks at a folder. */
const INTERVAL = 1000
const SAMPLES = /^step-(\d+)\.png$/
/** Sample grids that are shown of a run that has more, evenly chosen. */
const GRIDS = 48

/** What to watch. */
export interface WatchOptions {
  readonly hub: Hub
  readonly run: number
  readonly folder: RunView
  /** Steps that the run is trained for. */
  readonly steps: number
  /** Called with the step of the newest checkpoint, when one came after the first look. */
  readonly onCheckpoint?: (step: number) => void
}

/** Watches a run folder, which another process may write to. */
export interface Watch {
  /** Looks now. */
  look(): Promise<void>
  close(): void
}

/** Shows a run's figures, its progress and its sample grids (`samples/step-00001000.png`), as they come. */
export function watchRun({ hub, run, folder, steps, onCheckpoint }: WatchOptions): Watch {
  let metricsSize = -1
  let last = 0
  let newest: number | undefined
  let looked = false
  let progress = ''
  const grids = new Set<string>()

  const figures = async () => {
    const path = join(folder.path, 'metrics.jsonl')
    const { size } = await stat(path).catch(() => ({ size: -1 }))
    if (size === metricsSize || size < 0) return
    metricsSize = size
    const lines = parseMetrics(await readFile(path))
    last = lines.at(-1)?.step ?? 0
    hub.publish(curvesMessage(run, lines))
  }
  const checkpoints = async () => {
    const found = (await checkpointSteps(folder.checkpoints)).at(-1)
    if (found === undefined || found === newest) return
    newest = found
    if (looked) onCheckpoint?.(found)
  }
  const samples = async () => {
    const names = (await readdir(join(folder.path, 'samples')).catch(() => []))
      .filter((name) => SAMPLES.test(name))
      .sort()
    const stride = Math.max(1, Math.ceil(names.length / GRIDS))
    const shown = names.filter((_, i) => i % stride === 0 || i === names.length - 1)
    for (const name of grids.size === 0 ? shown : names.filter((known) => known > [...grids].at(-1)!)) {
      grids.add(name)
      const png = new Uint8Array(await readFile(join(folder.path, 'samples', name)))
      hub.publish({ type: 'images', run, step: Number(SAMPLES.exec(name)![1]), png })
    }
  }
  const state = async () => {
    const done = Math.max(last, newest ?? 0)
    const training = await isInUse(folder.path)
    const name = training ? 'training' : done >= steps ? 'finished' : done > 0 ? 'stopped' : 'waiting'
    if (progress === `${name} ${done}`) return
    progress = `${name} ${done}`
    hub.publish({ type: 'progress', run, state: name, done: Math.min(done, steps), total: steps })
  }

  let looking: Promise<void> | undefined
  const look = () => {
    looking ??= (async () => {
      // A folder that is being written to, or removed, may fail any look; the next one tells more.
      for (const part of [figures, checkpoints, samples, state]) await part().catch(() => {})
      looked = true
      looking = undefined
    })()
    return looking
  }
  const timer = setInterval(look, INTERVAL)
  return { look, close: () => clearInterval(timer) }
}
