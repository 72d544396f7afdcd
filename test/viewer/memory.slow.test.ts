import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { createHub, serve } from '../../viewer/server/index.ts'
import { buildClient, held, launch, open } from './browser.ts'
import { HALF_HOUR, streamHalfHour } from './half-hour.ts'
import { episodeMessage, runMessage, sceneMessage } from './messages.ts'
import { listen } from './sockets.ts'

/** Bytes of details that the server keeps here: few, so that a third of the stream fills them. */
const DETAILS = 16 * 2 ** 20
const EPISODES = 100

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('a page and its server hold no more after half an hour than after a third of it', async (t) => {
  const [client, browser] = await Promise.all([buildClient(), launch()])
  const hub = createHub({ details: DETAILS, episodes: EPISODES })
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
  t.true(late.kept < DETAILS + 2 ** 20, `the server keeps ${late.kept} bytes`)
  t.true(late.page.bytes < 1.15 * early.page.bytes + 2 ** 21)
  t.true(late.server < 1.15 * early.server + 8 * 2 ** 20)
  t.deepEqual([late.page.geometries, late.page.textures], [early.page.geometries, early.page.textures])
  t.deepEqual(errors, [])
  stalled.socket.terminate()
  await browser.close()
  await viewer.close()
})
