import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadEnvironment } from '../envs/index.ts'
import { createOutput } from '../src/cli/output.ts'
import { openLane } from '../src/cli/view/open-lanes.ts'
import { createSession } from '../src/cli/view/session.ts'
import { buildClient, launch, open } from '../test/viewer/browser.ts'
import { createHub, serve } from '../viewer/server/index.ts'

/**
 * Draws the viewer for the docs: `node --import=./typescript.js docs/screenshots.ts VANILLA COUPLED`, two runs of
 * `two-way` that are compared, of which the second is also shown alone.
 */
const paths = process.argv.slice(2)
/** An episode in which the disc is ahead when the plans are looked at. */
const AT = '#episode=100002'
const folder = fileURLToPath(new URL('images', import.meta.url))
await mkdir(folder, { recursive: true })
const output = createOutput(false)
const [client, browser] = await Promise.all([buildClient(), launch()])

const shown = async (...runs: string[]) => {
  const hub = createHub()
  const options = { hub, which: 'latest', loadEnvironment, output } as const
  const lanes = await Promise.all(runs.map((path, run) => openLane(path, run, options)))
  const session = createSession(
    hub,
    lanes.map(({ lane }) => lane),
    output,
  )
  for (const [i, { lane, watch }] of lanes.entries()) {
    await lane.begin()
    await watch?.look()
    watch?.close()
    if (lane.demonstrate) session.work.add(`demonstrate ${i}`, 1, lane.demonstrate())
  }
  session.roll(24)
  await session.work.idle()
  return serve({ hub, client, port: 0, onRequest: session.onRequest })
}

const one = await shown(paths[paths.length - 1])
const both = await shown(...paths.slice(0, 2))
const shots = [
  ['viewer', one.url, `${AT}&step=11&level=step&toggled=others`, 1280, 720, 'dark'],
  [
    'viewer-denoise',
    one.url,
    `${AT}&step=8&denoise=3&level=denoise&plans=48&panel=training`,
    1280,
    720,
    'light',
  ],
  ['viewer-compare', both.url, `${AT}&step=11&level=step&panel=coupling`, 1280, 720, 'light'],
  ['viewer-phone', one.url, `${AT}&step=11&level=step`, 390, 844, 'dark'],
] as const
for (const [name, url, address, width, height, colorScheme] of shots) {
  const { page, errors } = await open(browser, `${url}${address}`, { width, height, colorScheme })
  await page.locator('[data-level=denoise] output', { hasNotText: '–' }).waitFor()
  // The coupling's lines move for a while.
  await page.waitForTimeout(4000)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  for (const error of errors) output.warn(`${name}: ${error}`)
  await page.context().close()
}
await browser.close()
process.exit()
