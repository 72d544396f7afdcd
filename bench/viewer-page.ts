import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { buildClient, held, launch, open } from '../test/viewer/browser.ts'
import { HALF_HOUR, streamHalfHour } from '../test/viewer/half-hour.ts'
import {
  episodeMessage,
  framesMessage,
  planMessage,
  runMessage,
  sceneMessage,
} from '../test/viewer/messages.ts'
import { createHub, serve } from '../viewer/server/index.ts'
import { median } from './comparison.ts'
import { printRows, type ViewerRow } from './viewer-row.ts'

/** Measures the viewer's page in a browser, whose GL runs in software where there is no GPU. */
export async function run(): Promise<ViewerRow[]> {
  const [client, browser] = await Promise.all([buildClient(), launch()])
  const rows: ViewerRow[] = []
  for (const measure of [size, picture, frames, memory]) rows.push(...(await measure(client, browser)))
  await browser.close()
  printRows(rows)
  return rows
}

/** What a browser loads. */
async function size(client: string): Promise<ViewerRow[]> {
  let bytes = 0
  for (const name of readdirSync(client, { recursive: true, encoding: 'utf8' })) {
    if (/\.(html|js|css)$/.test(name))
      bytes += gzipSync(readFileSync(join(client, name)), { level: 9 }).length
  }
  return [{ figure: 'client, gzipped', value: `${(bytes / 1000).toFixed(0)} kB`, aim: '≤ 350 kB' }]
}

async function serving(client: string, count: number, points: number) {
  const hub = createHub()
  hub.publish(runMessage())
  hub.publish(sceneMessage())
  hub.publish(episodeMessage(1))
  const plan = planMessage(1, 0, { count, points, steps: 10 })
  hub.publish(framesMessage(episodeMessage(1)))
  hub.publish(plan)
  return { hub, viewer: await serve({ hub, client, port: 0 }) }
}

/** From the beginning of loading the page to the first picture of the scene. */
async function picture(client: string, browser: Browser): Promise<ViewerRow[]> {
  const { viewer } = await serving(client, 12, 16)
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const { page } = await open(browser, viewer.url, { width: 1280, height: 720 })
    await page.waitForFunction(() => performance.getEntriesByName('first picture').length > 0)
    times.push(await page.evaluate(() => performance.getEntriesByName('first picture')[0].startTime))
    await page.context().close()
  }
  await viewer.close()
  return [{ figure: 'first picture, median of 5', value: `${median(times).toFixed(0)} ms`, aim: '≤ 1 s' }]
}

/** Pictures a second while 1,000 plans of 64 points come out of noise, and what one costs the script. */
async function frames(client: string, browser: Browser): Promise<ViewerRow[]> {
  const { viewer } = await serving(client, 1000, 64)
  const rows: ViewerRow[] = []
  for (const [width, height] of [
    [1280, 720],
    [640, 360],
  ]) {
    const look = '#level=denoise&denoise=0&plans=1000&play=1'
    const { page } = await open(browser, `${viewer.url}${look}`, { width, height })
    await page.getByText('1000 plans').waitFor({ state: 'attached' })
    await sleep(1500)
    const { pictures, script } = await page.evaluate(async () => {
      const { stage } = globalThis as unknown as { stage: { draw(): void; onDrawn: () => void } }
      const drawn = stage.onDrawn
      let pictures = 0
      stage.onDrawn = () => {
        pictures++
        drawn()
      }
      const began = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 6000))
      const rate = (1000 * pictures) / (performance.now() - began)
      const costs: number[] = []
      for (let i = 0; i < 20; i++) {
        const before = performance.now()
        stage.draw()
        costs.push(performance.now() - before)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      return { pictures: rate, script: costs.sort((a, b) => a - b)[10] }
    })
    const where = `1,000 plans × 64 points, ${width} × ${height}`
    rows.push(
      { figure: where, value: `${pictures.toFixed(1)} pictures/s`, aim: '60 on a GPU' },
      { figure: `${where}, script of a picture`, value: `${script.toFixed(2)} ms`, aim: '' },
    )
    await page.context().close()
  }
  await viewer.close()
  return rows
}

/** As many messages as half an hour of training sends, in a minute. */
async function memory(client: string, browser: Browser): Promise<ViewerRow[]> {
  const { hub, viewer } = await serving(client, 12, 16)
  const { page } = await open(browser, `${viewer.url}#follow=1&play=1`, { width: 640, height: 360 })
  await page.locator('[data-state=open]').waitFor()
  const rows: ViewerRow[] = []
  await streamHalfHour(hub, async (sent) => {
    const { bytes, geometries, textures } = await held(page)
    const mebibytes = (count: number) => `${(count / 2 ** 20).toFixed(1)} MiB`
    rows.push({
      figure: `held after ${sent} of ${HALF_HOUR} messages`,
      value: `page ${mebibytes(bytes)}, ${geometries} geometries, ${textures} textures; server ${mebibytes(hub.bytes)}`,
      aim: 'flat',
    })
  })
  await page.context().close()
  await viewer.close()
  return rows
}
