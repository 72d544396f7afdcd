import { once } from 'node:events'
import { join } from 'node:path'
import { createHub, serve } from '../../../viewer/server/index.ts'
import { packageFolder } from '../../package-folder.ts'
import { runLane, type ShowOptions } from './open-lanes.ts'
import { createSession } from './session.ts'

/** What to view, and how. */
export interface ViewRequest extends Omit<ShowOptions, 'hub'> {
  readonly paths: readonly string[]
  readonly episodes: number
  readonly host?: string
  readonly port?: number
}

/** Where the built client is. */
export function clientFolder(): string {
  return join(packageFolder(), 'dist', 'viewer', 'client')
}

/** Serves a view of runs until it is stopped. */
export async function view(request: ViewRequest): Promise<void> {
  const { paths, episodes, output } = request
  const hub = createHub()
  const lanes = await Promise.all(paths.map((path, run) => runLane(path, run, { ...request, hub })))
  const session = createSession(hub, lanes, output)
  const viewer = await serve({
    hub,
    client: clientFolder(),
    onRequest: (m) => session.onRequest(m),
    ...request,
  })
  output.say(`viewer at ${viewer.url}`)
  output.record({ type: 'viewer', url: viewer.url })
  for (const lane of lanes) {
    await lane.begin()
    if (lane.demonstrate) session.work.add(`demonstrate ${lanes.indexOf(lane)}`, 1, lane.demonstrate())
  }
  session.roll(episodes)
  await once(process, 'SIGINT')
  await session.close()
  await viewer.close()
}
