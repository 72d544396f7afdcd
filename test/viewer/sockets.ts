import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import {
  type ClientMessage,
  decodeServerMessage,
  encodeMessage,
  type ServerMessage,
} from '../../viewer/protocol/index.ts'
import { scratch } from '../scratch.ts'

/** A folder for one test. */
/** The smallest thing that can stand for a built client. */
export function fakeClient(): string {
  const folder = scratch()
  writeFileSync(
    join(folder, 'index.html'),
    '<html><head><link rel="stylesheet" href="./a.css"><script type="module" src="./a.js"></script></head><body></body></html>',
  )
  writeFileSync(join(folder, 'a.css'), 'body { color: red }')
  writeFileSync(join(folder, 'a.js'), 'console.log("</script>")')
  return folder
}

/** A client without a page. */
export interface Listener {
  readonly socket: WebSocket
  readonly messages: ServerMessage[]
  send(message: ClientMessage): void
  /** Waits for a message that has come or comes. */
  until(found: (message: ServerMessage) => boolean): Promise<ServerMessage>
  /** Code and reason with which the server closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

export async function listen(url: string, headers: Record<string, string> = {}): Promise<Listener> {
  const address = new URL('stream', url.replace('http', 'ws'))
  const socket = new WebSocket(address, { headers })
  const messages: ServerMessage[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data) => {
    messages.push(decodeServerMessage(data as Buffer))
    for (const wake of waiting) wake()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  await once(socket, 'open')
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(encodeMessage(message)),
    until: (found) =>
      new Promise((resolve) => {
        const look = () => {
          const message = messages.find(found)
          if (!message) return
          waiting.delete(look)
          resolve(message)
        }
        waiting.add(look)
        look()
      }),
  }
}
