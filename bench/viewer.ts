import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import twoWay from '../envs/two-way/index.ts'
import { createOutput } from '../src/cli/output.ts'
import { viewTraining } from '../src/cli/view/train-view.ts'
import { parseConfig } from '../src/config/parse.ts'
import { plannerSchema } from '../src/config/planner.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { writeReplayBuffer } from '../src/data/replay-buffer.ts'
import { trainPlannerInThread } from '../src/train/run-thread.ts'
import { buildClient, launch, open } from '../test/viewer/browser.ts'
import {
  episodeMessage,
  framesMessage,
  planMessage,
  runMessage,
  sceneMessage,
} from '../test/viewer/messages.ts'
import { createHub, type Hub, serve } from '../viewer/server/index.ts'

/** Measures the viewer: `node --import=./typescript.js bench/viewer.ts [size] [picture] [frames] [memory] [clients]`. */
const FIGURES: Readonly<Record<string, (client: string, browser: Browser) => Promise<void>>> = {
  size,
  picture,
  frames,
  memory,
  clients,
}

const say = (figure: string, value: string) => process.stdout.write(`${figure.padEnd(62)} ${value}\n`)
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const chosen = process.argv.slice(2)
const [folder, browser] = await Promise.all([buildClient(), launch()])
for (const [name, measure] of Object.entries(FIGURES)) {
  if (chosen.length === 0 || chosen.includes(name)) await measure(folder, browser)
}
await browser.close()
process.exit()

/** What a browser loads. */
async function size(client: string): Promise<void> {
  let bytes = 0
  for (const name of readdirSync(client, { recursive: true, encoding: 'utf8' })) {
    if (/\.(html|js|css)$/.test(name))
      bytes += gzipSync(readFileSync(join(client, name)), { level: 9 }).length
  }
  say('client, gzipped (aim: 350 kB at most)', `${(bytes / 1000).toFixed(0)} kB`)
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
async function picture(client: string, browser: Browser): Promise<void> {
  const { viewer } = await serving(client, 12, 16)
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const { page } = await open(browser, viewer.url, { width: 1280, height: 720 })
    await page.waitForFunction(() => performance.getEntriesByName('first picture').length > 0)
    times.push(await page.evaluate(() => performance.getEntriesByName('first picture')[0].startTime))
    await page.context().close()
  }
  say('first picture, median of 5 (aim: 1 s), GL in software', `${median(times).toFixed(0)} ms`)
  await viewer.close()
}

/** Pictures a second while 1,000 plans of 64 points come out of noise, and what one costs the script. */
async function frames(client: string, browser: Browser): Promise<void> {
  const { viewer } = await serving(client, 1000, 64)
  for (const [width, height] of [
    [1280, 720],
    [640, 360],
  ]) {
    const { page } = await open(browser, `${viewer.url}#level=denoise&denoise=0&plans=1000&play=1`, {
      width,
      height,
    })
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
    say(`${where} (aim: 60 on a laptop's GPU), GL in software`, `${pictures.toFixed(1)} pictures/s`)
    say(`${where}, script of one picture`, `${script.toFixed(2)} ms`)
    await page.context().close()
  }
  await viewer.close()
}

/** As many messages as half an hour of training sends, in a minute. */
async function memory(client: string, browser: Browser): Promise<void> {
  const { hub, viewer } = await serving(client, 12, 16)
  const { page } = await open(browser, `${viewer.url}#follow=1&play=1`, { width: 640, height: 360 })
  await page.locator('[data-state=open]').waitFor()
  const session = await page.context().newCDPSession(page)
  const held = async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    const { geometries, textures } = await infoOf(page)
    return `${(usedSize / 2 ** 20).toFixed(1)} MiB, ${geometries} geometries, ${textures} textures; server ${(hub.bytes / 2 ** 20).toFixed(1)} MiB`
  }
  const MESSAGES = 7200
  for (let i = 0; i <= MESSAGES; i++) {
    stream(hub, i)
    if (i % 20 === 0) await sleep(100)
    if (i === MESSAGES / 6 || i === MESSAGES / 2 || i === MESSAGES)
      say(`heap of the page after ${i} messages`, await held())
  }
  await page.context().close()
  await viewer.close()
}

/** Evaluations of 50 episodes, plans and curves, over and over; every tenth message leads to a new episode. */
function stream(hub: Hub, i: number): void {
  const episode = 100 + (i % 3000)
  const length = 20 + (i % 30)
  if (i % 10 === 0) hub.publish(episodeMessage(episode, { length, step: i }))
  else if (i % 10 === 1) hub.publish(framesMessage(episodeMessage(episode - 1, { length })))
  else if (i % 10 < 8)
    hub.publish(planMessage(episode - (i % 10), i % 10, { count: 12, points: 16, steps: 10 }))
  else {
    const steps = Float32Array.from({ length: Math.min(600, i) }, (_, k) => k)
    hub.publish({
      type: 'curves',
      run: 0,
      curves: [{ name: 'train/loss', steps, values: steps.map((k) => 1 / (1 + k)) }],
    })
  }
}

function infoOf(page: Page): Promise<{ geometries: number; textures: number }> {
  return page.evaluate(() => {
    const { stage } = globalThis as unknown as {
      stage: { renderer: { info: { memory: { geometries: number; textures: number } } } }
    }
    return { ...stage.renderer.info.memory }
  })
}

/** Training with nobody watching beside training that 50 clients watch, of which one never reads. */
async function clients(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'viewer-bench-'))
  const demonstrations = join(scratch, 'demonstrations.zarr.zip')
  await writeReplayBuffer(demonstrations, collectDemonstrations(twoWay, { count: 100, seed: 0 }))
  const config = parseConfig(
    plannerSchema,
    {
      environment: 'two-way',
      network: { type: 'temporal-unet', widths: [32, 64], timeEmbedding: 64 },
      training: { steps: 300, batch: 64, logEvery: 5, evaluateEvery: null, checkpointEvery: 100 },
      engine: { threads: 1 },
    },
    'bench',
  )
  const times: Record<string, number[]> = { alone: [], watched: [] }
  for (let round = 0; round < 3; round++) {
    for (const kind of round % 2 === 0 ? ['alone', 'watched'] : ['watched', 'alone']) {
      const run = join(scratch, `${kind}-${round}`)
      const output = { ...createOutput(true), record() {}, say() {} }
      let url = ''
      const viewing =
        kind === 'watched'
          ? await viewTraining({
              folder: run,
              loadEnvironment: async () => twoWay,
              output: {
                ...output,
                record: (value: object) => (url ||= (value as { url?: string }).url ?? ''),
              },
            })
          : undefined
      const watchers = viewing ? await watch(url) : undefined
      const steps: number[] = []
      let last = 0
      for await (const event of trainPlannerInThread({
        folder: run,
        config,
        environment: twoWay.module,
        demonstrations,
      })) {
        viewing?.onEvent(event)
        if (event.type !== 'step') continue
        const now = performance.now()
        if (event.step > 50) steps.push(now - last)
        last = now
      }
      times[kind].push(steps.reduce((sum, time) => sum + time, 0) / steps.length)
      watchers?.kill()
      await viewing?.stay(AbortSignal.abort())
    }
  }
  const [alone, watched] = [median(times.alone), median(times.watched)]
  say(
    'a training step, alone',
    `${alone.toFixed(2)} ms (${times.alone.map((time) => time.toFixed(2)).join(', ')})`,
  )
  say(
    'a training step, 50 clients, one stalled',
    `${watched.toFixed(2)} ms (${times.watched.map((time) => time.toFixed(2)).join(', ')})`,
  )
  say('throughput, watched / alone (aim: 0.97 at least)', (alone / watched).toFixed(3))
}

/** 50 clients in a process of their own; the first stops reading at once. */
async function watch(url: string): Promise<ChildProcess> {
  const code = `
    import { WebSocket } from 'ws'
    const url = ${JSON.stringify(url.replace('http', 'ws'))} + 'stream'
    let open = 0
    for (let i = 0; i < 50; i++) {
      const socket = new WebSocket(url)
      socket.on('open', () => { if (i === 0) socket.pause(); if (++open === 50) console.log('open') })
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
