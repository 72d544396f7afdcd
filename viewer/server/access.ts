import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Who may look. */
export interface Access {
  /** What has to be in the address; absent where only this machine can connect. */
  readonly token?: string
  /** Why a request is refused, or undefined where it is welcome. */
  refuse(request: IncomingMessage): string | undefined
  /** A cookie to set on a request that brought the token in its address, so that what follows needs none. */
  cookie(request: IncomingMessage): string | undefined
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]', '::1']

/**
 * Guards a server. One that listens on this machine only answers to its names (another site's name that
 * resolves to this machine is turned away); any other needs a random token. Pages of other sites may not
 * connect in either case.
 *
 * @param host the address listened on
 */
export function createAccess(host: string): Access {
  const local = LOOPBACK.includes(host)
  const token = local ? undefined : randomBytes(16).toString('hex')
  const matches = (given: string | undefined) =>
    token !== undefined &&
    given?.length === token.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(token))
  const fromAddress = ({ url = '' }: IncomingMessage) => /[?&]token=(\w+)/.exec(url)?.[1]
  const fromCookie = ({ headers }: IncomingMessage) =>
    /(?:^|;\s*)immiscible=(\w+)/.exec(headers.cookie ?? '')?.[1]
  return {
    token,
    refuse(request) {
      const { host: asked = '', origin } = request.headers
      if (local && !LOOPBACK.includes(asked.replace(/:\d+$/, '')))
        return 'this server answers to localhost only'
      if (origin !== undefined && origin !== `http://${asked}`) return 'another site may not connect'
      if (local || matches(fromAddress(request)) || matches(fromCookie(request))) return undefined
      return 'the address needs the token that was printed when the viewer was started'
    },
    cookie: (request) =>
      matches(fromAddress(request)) ? `immiscible=${token}; HttpOnly; SameSite=Strict; Path=/` : undefined,
  }
}
