import { signal } from '@preact/signals'
import {
  type ClientMessage,
  decodeRecording,
  decodeServerMessage,
  encodeMessage,
  PROTOCOL_VERSION,
} from '../protocol/index.ts'
import { apply } from './model.ts'

/** How the page gets its messages: `static` needs no server. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'outdated' | 'static'

export const connection = signal<ConnectionState>('connecting')
/** Milliseconds until the next attempt, where the connection is lost. */
export const retryIn = signal(0)

/** Waits between attempts, ms: the first, the factor, the longest. */
const FIRST = 400
const FACTOR = 1.7
const LONGEST = 10_000

let socket: WebSocket | undefined
let wait = FIRST

/** Asks the server for something; nothing happens where there is none. */
export function send(message: ClientMessage): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(encodeMessage(message) as Uint8Array<ArrayBuffer>)
}

/** Connects to the server that the page came from, and again whenever the connection is lost. */
export function connect(): void {
  const address = new URL('stream', location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  address.search = ''
  address.hash = ''
  const opened = new WebSocket(address)
  opened.binaryType = 'arraybuffer'
  socket = opened
  opened.onmessage = ({ data }) => {
    try {
      const message = decodeServerMessage(new Uint8Array(data))
      if (message.type === 'hello') {
        if (message.version !== PROTOCOL_VERSION) return outdated()
        connection.value = 'open'
        wait = FIRST
      }
      apply(message)
    } catch (error) {
      console.error(error)
      opened.close()
    }
  }
  opened.onclose = () => {
    if (connection.value === 'outdated' || socket !== opened) return
    connection.value = 'lost'
    // A little chance keeps many clients from returning in the same instant.
    const delay = wait * (0.8 + 0.4 * Math.random())
    retryIn.value = delay
    wait = Math.min(LONGEST, wait * FACTOR)
    setTimeout(connect, delay)
  }
  const outdated = () => {
    connection.value = 'outdated'
    opened.close()
  }
}

/** Whether the page holds what it shows, and needs no server. */
export function holdsRecording(): boolean {
  return document.getElementById('recording') !== null
}

/** Plays what the page holds itself. */
export async function playStatic(): Promise<void> {
  connection.value = 'static'
  const packed = document.getElementById('recording')?.textContent ?? ''
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))
  const content = new Uint8Array(await new Response(stream).arrayBuffer())
  for (const { bytes } of decodeRecording(content)) apply(decodeServerMessage(bytes))
}
