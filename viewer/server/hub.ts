import { detailOf, encodeMessage, keyOf, type ServerMessage, type StateMessage } from '../protocol/index.ts'

/** Something that takes messages: a client's outbox, or a recorder. Bytes are shared, not to be changed. */
export interface Subscriber {
  /** A newer message of a key replaces one that was not sent yet. */
  offer(key: string, bytes: Uint8Array): void
}

/** The state of a viewer: the newest message of each key. */
export interface Hub {
  /** Replaces what the message's key stood for, here and at every subscriber. */
  publish(message: StateMessage): void
  /** Forgets a key, and everything below it. */
  drop(key: string): void
  has(key: string): boolean
  /** Offers the present state, oldest first, and from then on every change. @returns ends it */
  subscribe(subscriber: Subscriber): () => void
  /** The frames and plans of an episode that it holds, by key, as encoded messages. */
  details(episode: number): [string, Uint8Array][]
  /** The present state as encoded messages, oldest first. */
  snapshot(): Uint8Array[]
  /** Bytes held. */
  readonly bytes: number
}

/** How much a hub keeps; the oldest of each kind goes first. */
export interface HubLimits {
  /** Bytes of frames and plans, which can be asked for again; default 96 MiB. */
  readonly details?: number
  /** Summaries of episodes in each run; default 1,000. */
  readonly episodes?: number
  /** Grids of images in each run, of which every other one is dropped when there are more; default 64. */
  readonly images?: number
}

const isDetail = (key: string) => detailOf(key) !== undefined

/** A hub without anything in it. Everything it keeps is bounded, however long it is published to. */
export function createHub({ details = 96 * 2 ** 20, episodes = 1000, images = 64 }: HubLimits = {}): Hub {
  const state = new Map<string, Uint8Array>()
  const subscribers = new Set<Subscriber>()
  let bytes = 0
  let detailBytes = 0

  const count = (key: string, sign: 1 | -1) => {
    const size = sign * (state.get(key)?.byteLength ?? 0)
    bytes += size
    if (isDetail(key)) detailBytes += size
  }
  const set = (key: string, message: Uint8Array) => {
    count(key, -1)
    state.delete(key)
    state.set(key, message)
    count(key, 1)
    for (const subscriber of subscribers) subscriber.offer(key, message)
  }
  const remove = (key: string) => {
    count(key, -1)
    state.delete(key)
    const message = encodeMessage({ type: 'drop', key })
    for (const subscriber of subscribers) subscriber.offer(key, message)
  }
  const drop = (key: string) => {
    for (const known of [...state.keys()]) if (known === key || known.startsWith(`${key}/`)) remove(known)
  }
  const siblings = (key: string) => {
    const folder = key.slice(0, key.lastIndexOf('/') + 1)
    return [...state.keys()].filter(
      (known) => known.startsWith(folder) && !known.includes('/', folder.length),
    )
  }
  const bound = (message: ServerMessage, key: string) => {
    if (message.type === 'episode') for (const old of siblings(key).slice(0, -episodes)) drop(old)
    if (message.type === 'images') {
      const grids = siblings(key)
      if (grids.length > images) for (let i = 1; i < grids.length - 1; i += 2) drop(grids[i])
    }
    if (!isDetail(key)) return
    for (const old of state.keys()) {
      if (detailBytes <= details) break
      if (old !== key && isDetail(old)) remove(old)
    }
  }

  return {
    publish(message) {
      const key = keyOf(message)
      set(key, encodeMessage(message))
      bound(message, key)
    },
    drop,
    has: (key) => state.has(key),
    subscribe(subscriber) {
      for (const [key, message] of state) subscriber.offer(key, message)
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    },
    details: (episode) => [...state].filter(([key]) => detailOf(key) === episode),
    snapshot: () => [...state.values()],
    get bytes() {
      return bytes
    },
  }
}
