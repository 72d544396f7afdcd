import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { FailureError, InputError } from '../../src/errors.ts'
import type { ClientMessage } from '../protocol/index.ts'
import { createAccess } from './access.ts'
import { serveClient } from './client-connection.ts'
import { readClient } from './client-files.ts'
import type { Hub } from './hub.ts'
import { DEFAULT_PORT } from './port.ts'
import { asRecording, staticPage } from './static-page.ts'

/** What to serve. */
export interface ServeOptions {
  readonly hub: Hub
  /** Folder of the built client. */
  readonly client: string
  /** Address to listen on; default 127.0.0.1. Any that other machines reach asks for a token. */
  readonly host?: string
  /** Default 8787; the next free one is taken. 0 leaves the choice to the system. */
  readonly port?: number
  /** Called with what clients ask for; absent where nothing can be asked for. */
  readonly onRequest?: (message: ClientMessage) => void
}

/** A viewer under way. */
export interface Viewer {
  /** Where to look, token included. */
  readonly url: string
  close(): Promise<void>
}

/** Ports tried, from the wanted one on. */
const PORTS = 50
const LAST_PORT = 65_535
/** Largest request of a client, bytes. */
const MAX_REQUEST = 16 * 1024
const MAX_CLIENTS = 200

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/**
 * Serves the client and the stream.
 *
 * @throws InputError if the client was not built or the address cannot be listened on
 */
export async function serve(options: ServeOptions): Promise<Viewer> {
  const { hub, host = '127.0.0.1', port = DEFAULT_PORT, onRequest } = options
  const files = readClient(options.client)
  const access = createAccess(host)
  const session = randomUUID()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST, perMessageDeflate: false })
  const page = () => staticPage(files, asRecording(hub.snapshot()))

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const reason = access.refuse(request)
    if (reason) return end(response, 403, 'text/plain', `Refused: ${reason}.\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'text/plain', '')
    const path = pathOf(request)
    const cookie = access.cookie(request)
    if (cookie) response.setHeader('Set-Cookie', cookie)
    if (path === '/export.html') return download(response, 'immiscible.html', 'text/html', page())
    if (path === '/export.recording') {
      return download(
        response,
        'immiscible.recording',
        'application/octet-stream',
        asRecording(hub.snapshot()),
      )
    }
    const file = files.get(path)
    if (!file) return end(response, 404, 'text/plain', 'There is nothing here.\n')
    end(response, 200, file.type, file.content)
  }

  const server = createServer(answer)
  server.on('upgrade', (request, socket, head) => {
    const refused =
      access.refuse(request) ??
      (pathOf(request) === '/stream' ? undefined : 'the stream is at /stream') ??
      (sockets.clients.size < MAX_CLIENTS ? undefined : 'there are too many viewers')
    if (refused) {
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\nRefused: ${refused}.\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) =>
      serveClient(client, hub, {
        session,
        interactive: onRequest !== undefined,
        onRequest: onRequest ?? (() => {}),
      }),
    )
  })
  const bound = await listen(server, host, port)
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shown}:${bound}/${access.token ? `?token=${access.token}` : ''}`,
    async close() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The path asked for, with nothing decoded or resolved: it is only ever looked up. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.replace(/[?#].*$/s, '')
}

function end(response: ServerResponse, status: number, type: string, content: string | Uint8Array): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type })
  response.end(response.req.method === 'HEAD' ? undefined : content)
}

function download(response: ServerResponse, name: string, type: string, content: string | Uint8Array): void {
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`)
  end(response, 200, type, content)
}

/**
 * The viewer and the present state of a hub as one page of HTML that needs no server.
 *
 * @param client folder of the built client
 */
export function exportPage(hub: Hub, client: string): string {
  return staticPage(readClient(client), asRecording(hub.snapshot()))
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  if (port > LAST_PORT) throw new InputError(`There is no port ${port}; give one up to ${LAST_PORT}.`)
  for (let tried = port; tried < port + PORTS && tried <= LAST_PORT; tried++) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once('error', resolve)
      server.listen(tried, host, () => {
        server.off('error', resolve)
        resolve(undefined)
      })
    })
    if (!error) return (server.address() as AddressInfo).port
    if (error.code === 'EADDRINUSE') continue
    throw new InputError(
      `Cannot listen on ${host}:${tried} (${error.code}); choose another --host or --port.`,
    )
  }
  throw new FailureError(`No port from ${port} to ${port + PORTS - 1} is free; give another one with --port.`)
}
