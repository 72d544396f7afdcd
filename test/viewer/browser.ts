import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'
import { scratch } from '../scratch.ts'
import { buildInto } from './build-client.ts'

/** Builds the client into a folder of its own, so that what is tested is what the sources say. */
export async function buildClient(): Promise<string> {
  const folder = scratch()
  await buildInto(folder)
  return folder
}

/** WebGL in software, as tests have no GPU. */
const ARGUMENTS = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--no-sandbox',
]

/** Starts the browser that CHROME_PATH names, or the one that comes with an npm package. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? (await sparticuz.executablePath())
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** A page, and what went wrong on it. */
export interface Opened {
  readonly page: Page
  readonly errors: string[]
}

/** Opens an address. */
export async function open(
  browser: Browser,
  url: string,
  options: { width?: number; height?: number; colorScheme?: 'dark' | 'light' } = {},
): Promise<Opened> {
  // Small, because every pixel is drawn by the processor; wide enough for the panels to stand beside the scene.
  const { width = 800, height = 500, colorScheme = 'dark' } = options
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US' })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // Chromium reports every refused connection itself; those are part of what is tested.
    if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection/.test(message.text())) {
      errors.push(message.text())
    }
  })
  await page.goto(url)
  return { page, errors }
}

/** Which part of the picture to look at, as shares of its width and height. */
export type Part = readonly [left: number, bottom: number, right: number, top: number]

/** How many pixels of the drawn scene are nearly of a colour. */
export function pixels(
  page: Page,
  color: string,
  part: Part = [0, 0, 1, 1],
  tolerance = 40,
): Promise<number> {
  return page.evaluate(
    ({ color, part, tolerance }) => {
      const { stage } = globalThis as unknown as {
        stage: { draw(): void; renderer: { getContext(): WebGL2RenderingContext } }
      }
      const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
      stage.draw()
      const gl = stage.renderer.getContext()
      const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight]
      const bytes = new Uint8Array(width * height * 4)
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes)
      let count = 0
      for (let y = Math.floor(part[1] * height); y < part[3] * height; y++) {
        for (let x = Math.floor(part[0] * width); x < part[2] * width; x++) {
          const at = 4 * (y * width + x)
          if (wanted.every((value, i) => Math.abs(bytes[at + i] - value) <= tolerance)) count++
        }
      }
      return count
    },
    { color, part: [...part] as [number, number, number, number], tolerance },
  )
}

/** The state in the page's address. */
export const address = (page: Page): URLSearchParams => new URLSearchParams(new URL(page.url()).hash.slice(1))

/** What a page holds, after collecting what it does not. */
export async function held(
  page: Page,
): Promise<{ readonly bytes: number; readonly geometries: number; readonly textures: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  // Arrays of numbers lie outside the heap proper.
  const usage: { usedSize: number; backingStorageSize?: number } = await session.send('Runtime.getHeapUsage')
  const drawn = await page.evaluate(() => {
    const { stage } = globalThis as unknown as {
      stage: { renderer: { info: { memory: { geometries: number; textures: number } } } }
    }
    return { ...stage.renderer.info.memory }
  })
  return { bytes: usage.usedSize + (usage.backingStorageSize ?? 0), ...drawn }
}
