import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { createHub, serve } from '../../viewer/server/index.ts'
import { buildClient, held, launch, open } from './browser.ts'
import { HALF_HOUR, streamHalfHour } from './half-hour.ts'
import { episodeMessage, runMessage, sceneMessage } from './messages.ts'
import { listen } from './sockets.ts'

/** What a hub keeps of details unless told otherwise, and with what is not bounded in bytes. */
const KEPT = [95 * 2 ** 20, 100 * 2 ** 20] as const
/** A page holds the summaries, the grids and the details of one episode; bytes. */
const PAGE = 24 * 2 ** 20

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('once all bounds are reached, a page and its server hold no more however long the stream', async (t) => {
  const [client, browser] = await Promise.all([buildClient(), launch()])
  const hub = createHub()
  for (const message of [runMessage(), sceneMessage(), episodeMessage(1)]) hub.publish(message)
  const viewer = await serve({ hub, client, port: 0 })
  const { page, errors } = await open(browser, `${viewer.url}#follow=1&play=1&panel=training`, {
    width: 640,
    height: 360,
  })
  await page.locator('[data-state=open]').waitFor()
  // Somebody who stopped reading makes the server hold nothing for good.
  const stalled = await listen(viewer.url)
  stalled.socket.pause()
  const server = () => {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const looks: { page: Awaited<ReturnType<typeof held>>; server: number; kept: number }[] = []
  await streamHalfHour(hub, async () => {
    looks.push({ page: await held(page), server: server(), kept: hub.bytes })
  })
  t.log(`${HALF_HOUR} messages`, ...looks.map((look) => JSON.stringify(look)))
  const [early, , late] = looks
  for (const { kept } of looks) t.true(kept > KEPT[0] && kept < KEPT[1], `the server keeps ${kept} bytes`)
  for (const { page } of looks) t.true(page.bytes < PAGE, `the page holds ${page.bytes} bytes`)
  t.true(late.page.bytes < 1.1 * early.page.bytes + 2 ** 20)
  t.true(late.server < 1.05 * early.server + 4 * 2 ** 20)
  t.deepEqual([late.page.geometries, late.page.textures], [early.page.geometries, early.page.textures])
  t.deepEqual(errors, [])
  stalled.socket.terminate()
  await browser.close()
  await viewer.close()
})
