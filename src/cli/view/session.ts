import type { ClientMessage } from '../../../viewer/protocol/index.ts'
import type { Hub } from '../../../viewer/server/index.ts'
import { ImmiscibleError } from '../../errors.ts'
import type { Output } from '../output.ts'
import type { Lane } from './lane.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'

/** What goes first: what somebody waits for, then what there is to see, then what decorates it. */
const URGENCY = { open: 3, first: 2, couple: 2, roll: 1, demonstrate: 1 } as const

/** Episodes rolled out anew when there are newer weights, at most: the newest ones. */
const AGAIN = 100

/** What is shown, and what happens when a client asks. */
export interface Session {
  readonly hub: Hub
  readonly work: WorkQueue
  readonly lanes: readonly Lane[]
  onRequest(message: ClientMessage): void
  /** Rolls out the next `count` episodes of every lane. */
  roll(count: number): void
  /** Rolls out anew what a lane rolled out last, with the weights that there are now, and forgets what was before. */
  again(lane: Lane): void
  close(): Promise<void>
}

/**
 * Shows lanes.
 *
 * @param lanes one for each run, in the order of their numbers
 */
export function createSession(hub: Hub, lanes: readonly Lane[], output: Pick<Output, 'warn'>): Session {
  const fail = (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error)
    output.warn(error instanceof ImmiscibleError ? text : `${text}; this part of the view is left out`)
    hub.publish({ type: 'notice', level: 'warning', text })
  }
  const work = createWorkQueue(fail)
  let rolled = 0
  const seeds = (lane: Lane, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => lane.firstSeed + from + i)
  const rollLane = (lane: Lane, from: number, count: number) => {
    if (lane.rollOut && count > 0) {
      work.add(`roll ${lanes.indexOf(lane)} ${from}`, URGENCY.roll, lane.rollOut(seeds(lane, from, count)))
    }
  }
  const roll = (count: number) => {
    for (const lane of lanes) rollLane(lane, rolled, count)
    rolled += count
  }
  return {
    hub,
    work,
    lanes,
    roll,
    onRequest(message) {
      switch (message.type) {
        case 'open':
          for (const [i, lane] of lanes.entries()) {
            work.add(`open ${i} ${message.episode}`, URGENCY.open, lane.open(message.episode, message.count))
          }
          break
        case 'roll':
          roll(message.count)
          break
        case 'couple':
          for (const [i, lane] of lanes.entries()) {
            if (lane.couple) work.add(`couple ${i}`, URGENCY.couple, lane.couple())
          }
          break
      }
    },
    again(lane) {
      const from = Math.max(0, rolled - AGAIN)
      for (const seed of seeds(lane, 0, from)) {
        const key = `/run/${lanes.indexOf(lane)}/episode/${seed}`
        if (hub.has(key)) hub.drop(key)
      }
      rollLane(lane, from, rolled - from)
    },
    async close() {
      await work.close()
    },
  }
}
