import { stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { createHub, exportPage, type Hub, record, serve, type Viewer } from '../../../viewer/server/index.ts'
import { writeFileAtomic } from '../../atomic.ts'
import { InputError } from '../../errors.ts'
import type { Output } from '../output.ts'
import { clientFolder } from './client-folder.ts'
import type { Lane } from './lane.ts'
import { newestRun } from './newest-run.ts'
import { openBrowser } from './open-browser.ts'
import { openLane, type ShowOptions } from './open-lanes.ts'
import { playRecording, readRecording } from './play-recording.ts'
import { createSession, type Session } from './session.ts'

/** Plans sampled at each replan of an exported page. */
const EXPORTED_PLANS = 12
/** Runs that can be compared. */
const MOST_RUNS = 4

/** How a viewer is served. */
export interface Serving {
  readonly host?: string
  readonly port?: number
  /** Show it in the user's browser. */
  readonly open?: boolean
  /** What the printed address says of what to look at, such as `#follow=1`. */
  readonly look?: string
  /** Write everything that is shown to this file. */
  readonly record?: string
}

/** What to view, and how. */
export interface ViewRequest extends Omit<ShowOptions, 'hub' | 'onCheckpoint'>, Serving {
  /** Folders of runs, datasets, or one recording; the newest run where there are none. */
  readonly paths: readonly string[]
  readonly episodes: number
  /** Go on rolling out, one episode after another. */
  readonly live?: boolean
  /** Write one page of HTML that plays without a server, and serve nothing. */
  readonly export?: string
  readonly signal: AbortSignal
}

/** Shows runs, datasets or a recording until the signal. */
export async function view(request: ViewRequest): Promise<void> {
  const { output, signal } = request
  const paths = request.paths.length > 0 ? request.paths : [await newestRun('runs')]
  const hub = createHub()
  if (await isRecording(paths)) return viewRecording(hub, paths[0], request)
  if (paths.length > MOST_RUNS) {
    throw new InputError(`${paths.length} runs do not fit on a screen; give at most ${MOST_RUNS}.`)
  }
  let session: Session | undefined
  const onCheckpoint = (lane: Lane, step: number) => {
    lane.reload?.(step)
    hub.publish({ type: 'notice', level: 'info', text: '' })
    session?.again(lane)
  }
  const open = await Promise.all(
    paths.map((path, run) => openLane(path, run, { ...request, hub, onCheckpoint })),
  )
  const lanes = open.map(({ lane }) => lane)
  const shown = createSession(hub, lanes, output)
  session = shown
  try {
    checkScenes(paths, lanes)
    if (request.export !== undefined) return await writeExport(hub, shown, request.export, request)
    const serving = { ...request, ...(request.live && { look: '#follow=1&play=1' }) }
    const viewer = await serveHub(hub, output, serving, shown.onRequest)
    try {
      await beginSession(shown)
      await Promise.all(open.map(({ watch }) => watch?.look()))
      shown.roll(request.episodes)
      if (request.live) await rollOn(shown, signal)
      await ended(signal)
    } finally {
      await viewer.close()
    }
  } finally {
    for (const { watch } of open) watch?.close()
    await shown.close()
  }
}

/** Runs beside each other are seen by one camera, so what they show has to take place on the same table. */
function checkScenes(paths: readonly string[], lanes: readonly Lane[]): void {
  const places = lanes.map(({ scene }) => scene && JSON.stringify([scene.unit, scene.bounds]))
  const other = places.findIndex((place) => place !== places[0])
  if (other < 0) return
  throw new InputError(
    `${paths[0]} and ${paths[other]} do not take place in the same scene; compare runs of one environment.`,
  )
}

/** Serves a hub, and tells where. Closing the viewer ends its recording as well. */
export async function serveHub(
  hub: Hub,
  output: Output,
  serving: Serving,
  onRequest?: Parameters<typeof serve>[0]['onRequest'],
): Promise<Viewer> {
  const { host, port } = serving
  const viewer = await serve({ hub, client: clientFolder(), host, port, onRequest })
  const url = `${viewer.url}${serving.look ?? ''}`
  const stop = serving.record
    ? record(hub, serving.record, (error) => output.warn(error.message))
    : async () => {}
  output.say(`viewer at ${url}`)
  output.record({ type: 'viewer', url })
  if (serving.open) openBrowser(url)
  return {
    url,
    async close() {
      await stop()
      await viewer.close()
    },
  }
}

/** Tells what is shown, and begins to decorate it. */
export async function beginSession({ lanes, work }: Session): Promise<void> {
  for (const [i, lane] of lanes.entries()) {
    await lane.begin()
    if (lane.demonstrate) work.add(`demonstrate ${i}`, 1, lane.demonstrate())
  }
}

/** Rolls out one episode after another, each lasting as long as the robot would need, until the signal. */
async function rollOn({ lanes, roll, work }: Session, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    roll(1)
    await work.idle()
    const seconds = Math.max(...lanes.map((lane) => lane.lastEpisode?.() ?? 0))
    // Episodes that cannot be rolled out must not be tried again and again without a pause.
    await setTimeout(1000 * Math.max(1, seconds), undefined, { signal }).catch(() => {})
  }
}

/** Resolves when the signal is given. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function viewRecording(hub: Hub, path: string, request: ViewRequest): Promise<void> {
  const { output, signal } = request
  // What cannot be played is told before anything is served.
  const recording = await readRecording(path)
  if (request.export !== undefined) {
    await playRecording(hub, recording, 0)
    return writePage(hub, request.export, output)
  }
  const viewer = await serveHub(hub, output, request)
  try {
    await playRecording(hub, recording, 1, signal).catch((error) => {
      if (!signal.aborted) throw error
    })
    await ended(signal)
  } finally {
    await viewer.close()
  }
}

async function writeExport(hub: Hub, session: Session, path: string, request: ViewRequest): Promise<void> {
  const { episodes, output } = request
  await beginSession(session)
  session.roll(episodes)
  await session.work.idle()
  const progress = output.progress('episodes', episodes)
  for (let i = 0; i < episodes; i++) {
    const first = session.lanes[0].firstSeed
    session.onRequest({ type: 'open', episode: first + i, count: EXPORTED_PLANS })
    await session.work.idle()
    progress.update(i + 1)
  }
  progress.stop()
  session.onRequest({ type: 'couple' })
  await session.work.idle()
  await writePage(hub, path, output)
}

async function writePage(hub: Hub, path: string, output: Output): Promise<void> {
  const page = exportPage(hub, clientFolder())
  await writeFileAtomic(path, page)
  output.say(`${path}, ${(page.length / 2 ** 20).toFixed(1)} MiB: open it in a browser, it needs no server`)
  output.record({ type: 'export', path, bytes: page.length })
}

async function isRecording(paths: readonly string[]): Promise<boolean> {
  if (paths.length !== 1 || !paths[0].endsWith('.recording')) return false
  return stat(paths[0]).then(
    (found) => found.isFile(),
    () => true,
  )
}
