import type { WebSocket } from 'ws'
import {
  type ClientMessage,
  decodeClientMessage,
  detailOf,
  encodeMessage,
  PROTOCOL_VERSION,
  ProtocolError,
} from '../protocol/index.ts'
import type { Hub } from './hub.ts'
import { tokenBucket } from './token-bucket.ts'

/** Bytes that wait in a socket before newer messages begin to replace older ones. */
const HIGH_WATER = 1 << 20
/** Milliseconds between pings; a client that has not answered by the next one is gone. */
const HEARTBEAT = 15_000
/** Requests of one client: so many at once, and so many each second. */
const BURST = 40
const RATE = 20

/** Close codes of RFC 6455. */
const PROTOCOL_VIOLATION = 1008
const UNSUPPORTED_DATA = 1003

/** What a connection needs to know. */
export interface ConnectionOptions {
  readonly session: string
  readonly interactive: boolean
  onRequest(message: ClientMessage): void
}

/**
 * Serves one client: brings it up to date, then sends what changes. Frames and plans, which are most of all that
 * there is, are sent of the one episode only that the client opened. Nothing waits for it: while its socket is
 * full, newer messages replace older ones of the same key. A malformed or hostile message closes this socket.
 */
export function serveClient(socket: WebSocket, hub: Hub, options: ConnectionOptions): void {
  const pending = new Map<string, Uint8Array>()
  const pump = () => {
    for (const [key, bytes] of pending) {
      if (socket.readyState !== socket.OPEN || socket.bufferedAmount > HIGH_WATER) return
      pending.delete(key)
      socket.send(bytes, pump)
    }
  }
  let opened: number | undefined
  const isOfOther = (key: string) => {
    const episode = detailOf(key)
    return episode !== undefined && episode !== opened
  }
  const offer = (key: string, bytes: Uint8Array) => {
    if (isOfOther(key)) return
    pending.set(key, bytes)
    pump()
  }
  const open = (episode: number) => {
    if (episode === opened) return
    opened = episode
    for (const key of pending.keys()) if (isOfOther(key)) pending.delete(key)
    for (const [key, bytes] of hub.details(episode)) offer(key, bytes)
  }
  const { session, interactive, onRequest } = options
  offer('hello', encodeMessage({ type: 'hello', version: PROTOCOL_VERSION, session, interactive }))
  const unsubscribe = hub.subscribe({ offer })
  // After everything of the state, because keys are sent in the order in which they were first offered.
  offer('ready', encodeMessage({ type: 'ready' }))

  const allowed = tokenBucket(BURST, RATE)
  socket.on('message', (data, isBinary) => {
    if (!allowed()) return socket.close(PROTOCOL_VIOLATION, 'too many messages')
    if (!isBinary) return socket.close(UNSUPPORTED_DATA, 'messages are binary')
    try {
      const message = decodeClientMessage(data as Buffer)
      if (message.type === 'open') open(message.episode)
      onRequest(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      socket.close(PROTOCOL_VIOLATION, error.message.slice(0, 120))
    }
  })
  let alive = true
  socket.on('pong', () => {
    alive = true
  })
  const heartbeat = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, HEARTBEAT)
  // Errors of a socket, such as a message that is too long, end that socket; `close` follows.
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(heartbeat)
    unsubscribe()
    pending.clear()
  })
}
