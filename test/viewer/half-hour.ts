import { setTimeout as sleep } from 'node:timers/promises'
import type { Hub } from '../../viewer/server/index.ts'
import { episodeMessage, framesMessage, planMessage } from './messages.ts'

/** Messages that half an hour of training sends, four a second. */
export const HALF_HOUR = 7200
/** Messages sent at once, and milliseconds between: fast, but slower than a page takes them in. */
const BURST = 20
const PAUSE = 60

/**
 * Publishes in a minute what half an hour of training does: evaluations, the details of episodes that are looked
 * at, and growing curves; every tenth message is of a new episode.
 *
 * @param look called after a third, two thirds and all of the messages
 */
export async function streamHalfHour(hub: Hub, look: (sent: number) => Promise<void>): Promise<void> {
  for (let i = 1; i <= HALF_HOUR; i++) {
    publish(hub, i)
    if (i % BURST === 0) await sleep(PAUSE)
    if (i % (HALF_HOUR / 3) === 0) await look(i)
  }
}

function publish(hub: Hub, i: number): void {
  const episode = 100 + Math.floor(i / 10)
  const length = 20 + (episode % 30)
  if (i % 10 === 0) hub.publish(episodeMessage(episode, { length, step: i }))
  else if (i % 10 === 1) hub.publish(framesMessage(episodeMessage(episode, { length })))
  else if (i % 10 < 8) hub.publish(planMessage(episode, (i % 10) - 2, { count: 12, points: 16, steps: 10 }))
  else {
    const steps = Float32Array.from({ length: Math.min(600, i) }, (_, k) => k)
    hub.publish({
      type: 'curves',
      run: 0,
      curves: [{ name: 'train/loss', steps, values: steps.map((k) => 1 / (1 + k)) }],
    })
  }
}
