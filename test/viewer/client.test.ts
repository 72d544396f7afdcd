import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import type { Browser } from 'playwright-core'
import { playRecording, readRecording } from '../../src/cli/view/play-recording.ts'
import { createHub, exportPage, type Hub, record, serve, type Viewer } from '../../viewer/server/index.ts'
import { scratch } from '../scratch.ts'
import { address, buildClient, launch, open, pixels } from './browser.ts'
import { episodeMessage, framesMessage, planMessage, runMessage, sceneMessage } from './messages.ts'

/** Colours of the dark theme: the first mode, the second, and the way that was gone. */
const [LEFT, RIGHT, PATH] = ['#4aa8ff', '#ff8a3d', '#f4f6fa']
/** A PNG of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
)

let browser: Browser
let client: string
test.before(async () => {
  ;[client, browser] = await Promise.all([buildClient(), launch()])
})
test.after.always(() => browser?.close())

/** Fills a hub with one run: three episodes, of which the last failed. */
function fill(hub: Hub, run = 0): void {
  hub.publish(runMessage(run))
  hub.publish(sceneMessage(run))
  const episodes = [
    episodeMessage(100, { run, x: -0.5 }),
    episodeMessage(101, { run, x: 0.5 }),
    episodeMessage(102, { run, x: 0.2, success: false, mode: -1, reward: 0.5 }),
  ]
  for (const episode of episodes) hub.publish(episode)
}

/** Details of an episode, as they are asked for. */
function detail(hub: Hub, episode: number, count: number, run = 0): void {
  hub.publish(framesMessage(episodeMessage(episode, { run, x: episode === 100 ? -0.5 : 0.5 })))
  for (let replan = 0; replan < 4; replan++) hub.publish(planMessage(episode, replan, { run, count }))
}

async function serving(runs = 1, port = 0): Promise<{ hub: Hub; viewer: Viewer }> {
  const hub = createHub()
  for (let run = 0; run < runs; run++) fill(hub, run)
  const viewer = await serve({
    hub,
    client,
    port,
    onRequest(message) {
      if (message.type !== 'open') return
      for (let run = 0; run < runs; run++) detail(hub, message.episode, message.count, run)
    },
  })
  return { hub, viewer }
}

test.serial('load, scrub, play, choose', async (t) => {
  const { viewer } = await serving()
  const { page, errors } = await open(browser, `${viewer.url}#step=4&level=step`)

  await page.getByText('12 plans, 4 denoise steps').waitFor()
  t.is(await page.locator('.title').textContent(), 'run 0')
  t.is(await page.locator('tr[data-episode]').count(), 3)
  t.regex((await page.locator('.histogram').textContent()) ?? '', /67 % of 3 episodes succeed/)
  // Half of the way is drawn, and both colours of the plans.
  const half = await pixels(page, PATH)
  t.true(half > 100, `${half} pixels of the path`)
  t.true((await pixels(page, LEFT)) > 50)
  t.true((await pixels(page, RIGHT)) > 50)

  // The robot and its path move with the slider.
  await page.getByLabel('Step', { exact: true }).fill('8')
  t.true((await pixels(page, PATH)) > 1.4 * half)
  await page.keyboard.press('Home')
  t.true((await pixels(page, PATH)) < 0.6 * half)

  // Keys step through the episode, its replans and the denoise steps.
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press(']')
  await page.waitForFunction(() => location.hash.includes('step=2'))
  const planned = await pixels(page, LEFT)
  for (let i = 0; i < 4; i++) await page.keyboard.press(',')
  await page.waitForFunction(() => location.hash.includes('denoise=0'))
  t.is(address(page).get('level'), 'denoise')
  t.regex((await page.locator('[data-level=denoise] output').textContent()) ?? '', /0 of 4 noise/)
  t.not(await pixels(page, LEFT), planned)

  // Playing denoises; the next timeline carries out as well.
  await page.keyboard.press('2')
  await page.keyboard.press('Space')
  await page.waitForFunction(() => Number(/step=([\d.]+)/.exec(location.hash)?.[1]) > 2)
  await page.keyboard.press('Space')
  const paused = await page.locator('[data-level=step] output').textContent()
  await page.waitForTimeout(300)
  t.is(await page.locator('[data-level=step] output').textContent(), paused)

  // Another episode: the path is on the other side.
  await page.locator('tr[data-episode="101"]').click()
  await page.keyboard.press('End')
  await page.waitForFunction(() => location.hash.includes('episode=101'))
  const [onLeft, onRight] = [
    await pixels(page, PATH, [0, 0, 0.5, 1]),
    await pixels(page, PATH, [0.5, 0, 1, 1]),
  ]
  t.true(onRight > 3 * onLeft, `${onLeft} pixels on the left, ${onRight} on the right`)

  // Filter, sort, theme, help.
  await page.getByRole('button', { name: 'failure' }).click()
  t.is(await page.locator('tr[data-episode]').count(), 1)
  await page.getByRole('button', { name: 'all', exact: true }).click()
  await page.getByRole('button', { name: 'reward' }).click()
  t.is(await page.locator('tr[data-episode]').first().getAttribute('data-episode'), '102')
  await page.keyboard.press('b')
  t.is(await page.evaluate(() => document.documentElement.dataset.theme), 'light')
  await page.keyboard.press('?')
  await page.getByText('previous or next denoise step').waitFor()
  await page.keyboard.press('Escape')
  t.deepEqual(errors, [])
  await page.context().close()
  await viewer.close()
})

test.serial('the address restores what was looked at, on a phone too', async (t) => {
  const { viewer } = await serving()
  const { page, errors } = await open(
    browser,
    `${viewer.url}#episode=101&step=6&level=step&panel=config&plans=4`,
    {
      width: 390,
      height: 844,
    },
  )
  await page.getByText('4 plans, 4 denoise steps').waitFor({ state: 'attached' })
  t.is(await page.locator('[data-level=step] output').textContent(), '6 of 8 0.6 s')
  t.is(await page.getByRole('tab', { selected: true }).textContent(), 'Run')
  t.true(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  t.true((await pixels(page, PATH)) > 50)
  t.deepEqual(errors, [])
  await page.context().close()
  await viewer.close()
})

test.serial('two runs stand side by side', async (t) => {
  const { viewer } = await serving(2)
  const { page, errors } = await open(browser, `${viewer.url}#step=8&level=step`)
  await page.getByText('12 plans, 4 denoise steps').nth(1).waitFor()
  t.deepEqual(await page.locator('.pane h2').allTextContents(), ['run 0', 'run 1'])
  const [left, right] = [await pixels(page, PATH, [0, 0, 0.5, 1]), await pixels(page, PATH, [0.5, 0, 1, 1])]
  t.true(left > 100 && Math.abs(left - right) < 0.2 * left, `${left} and ${right} pixels of the paths`)
  t.deepEqual(errors, [])
  await page.context().close()
  await viewer.close()
})

test.serial('it reconnects by itself, and is brought up to date', async (t) => {
  const first = await serving()
  const port = Number(new URL(first.viewer.url).port)
  const { page, errors } = await open(browser, first.viewer.url)
  await page.locator('[data-state=open]').waitFor()
  await page.locator('tr[data-episode="102"]').waitFor()
  await first.viewer.close()
  await page.locator('[data-state=lost]').waitFor()
  const hub = createHub()
  hub.publish(runMessage(0, { label: 'the next one' }))
  hub.publish(sceneMessage())
  hub.publish(episodeMessage(100))
  const viewer = await serve({ hub, client, port })
  await page.locator('[data-state=open]').waitFor()
  await page.getByText('the next one').first().waitFor()
  t.deepEqual(
    await page
      .locator('tr[data-episode]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-episode'))),
    ['100'],
  )
  t.deepEqual(errors, [])
  await page.context().close()
  await viewer.close()
})

test.serial('a recording and an exported page show the same', async (t) => {
  const file = join(scratch(), 'session.recording')
  const recorded = createHub()
  const stop = record(recorded, file, (error) => t.fail(error.message))
  fill(recorded)
  detail(recorded, 100, 6)
  await stop()

  const hub = createHub()
  const viewer = await serve({ hub, client, port: 0 })
  await playRecording(hub, await readRecording(file), 0)
  const replayed = await open(browser, `${viewer.url}#step=5&level=step`)
  await replayed.page.getByText('6 plans, 4 denoise steps').waitFor()

  const page = join(scratch(), 'page.html')
  writeFileSync(page, exportPage(hub, client))
  const exported = await open(browser, `${pathToFileURL(page)}#step=5&level=step`)
  await exported.page.getByText('6 plans, 4 denoise steps').waitFor()
  await exported.page.locator('[data-state=static]').waitFor()

  for (const color of [LEFT, RIGHT, PATH]) {
    const [one, other] = [await pixels(replayed.page, color), await pixels(exported.page, color)]
    t.true(one > 50)
    t.is(other, one)
  }
  t.deepEqual([...replayed.errors, ...exported.errors], [])
  await Promise.all([replayed.page.context().close(), exported.page.context().close()])
  await viewer.close()
})

test.serial('runs of images show their grids', async (t) => {
  const hub = createHub()
  hub.publish(runMessage(0, { kind: 'images', modes: [], environment: '' }))
  for (const step of [100, 200]) hub.publish({ type: 'images', run: 0, step, png: PNG })
  const viewer = await serve({ hub, client, port: 0 })
  const { page, errors } = await open(browser, viewer.url)
  await page.getByText('step 200').waitFor()
  await page.waitForFunction(() => document.querySelector('img')?.naturalWidth === 1)
  await page.getByLabel('Step of training').fill('0')
  await page.getByText('step 100').waitFor()
  t.deepEqual(errors, [])
  await page.context().close()
  await viewer.close()
})
