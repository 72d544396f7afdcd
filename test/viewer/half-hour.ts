import { setTimeout as sleep } from 'node:timers/promises'
import type { Hub } from '../../viewer/server/index.ts'
import { episodeMessage, framesMessage, planMessage } from './messages.ts'

/** Messages that half an hour of training sends, four a second. */
export const HALF_HOUR = 7200
/**
 * Messages after which whatever a hub bounds is at its bound: its details at .43 of the stream, its grids at .44,
 * its episodes at .56.
 */
export const BOUNDED = 0.6 * HALF_HOUR
/** Messages sent at once, and milliseconds between: fast, but slower than a page takes them in. */
const BURST = 20
const PAUSE = 60
/** An episode, its frames, its plans and the curves. */
const CYCLE = 4
const GRID_EVERY = 50
/** Bytes of a grid of images. */
const GRID = 20_000

/**
 * Publishes in half a minute what half an hour of training does: a new episode every second, the details of those
 * that are looked at, growing curves and grids of images; 223 MiB of details, 1,800 episodes and 144 grids: about
 * twice what a hub keeps.
 *
 * @param look called when all bounds are reached, between then and the end, and at the end
 */
export async function streamHalfHour(hub: Hub, look: (sent: number) => Promise<void>): Promise<void> {
  for (let i = 1; i <= HALF_HOUR; i++) {
    publish(hub, i)
    if (i % BURST === 0) await sleep(PAUSE)
    if (i >= BOUNDED && (i - BOUNDED) % ((HALF_HOUR - BOUNDED) / 2) === 0) await look(i)
  }
}

function publish(hub: Hub, i: number): void {
  const episode = 100 + Math.floor(i / CYCLE)
  const length = 20 + (episode % 30)
  const plan = (replan: number) =>
    hub.publish(planMessage(episode, replan, { count: 32, points: 16, steps: 10 }))
  if (i % GRID_EVERY === 0) {
    hub.publish({ type: 'images', run: 0, step: i, png: new Uint8Array(GRID).fill(i % 256) })
  }
  if (i % CYCLE === 0) hub.publish(episodeMessage(episode, { length, step: i }))
  else if (i % CYCLE === 1) hub.publish(framesMessage(episodeMessage(episode, { length })))
  else if (i % CYCLE === 2 || episode % 2 === 0) plan((i % CYCLE) - 2)
  else {
    const steps = Float32Array.from({ length: Math.min(600, i) }, (_, k) => k)
    hub.publish({
      type: 'curves',
      run: 0,
      curves: [{ name: 'train/loss', steps, values: steps.map((k) => 1 / (1 + k)) }],
    })
  }
}
