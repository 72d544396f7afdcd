import { deflateSync } from 'node:zlib'
import { encodeRecord, RECORDING_MAGIC } from '../protocol/index.ts'
import type { ClientFile } from './client-files.ts'

/** Messages as one recording, all at time 0. */
export function asRecording(messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([RECORDING_MAGIC, ...messages.map((bytes) => encodeRecord({ time: 0, bytes }))])
}

/**
 * The client and what it shows as one page of HTML that needs no server and no network.
 *
 * @param files the built client
 * @param recording content of a recording
 */
export function staticPage(files: ReadonlyMap<string, ClientFile>, recording: Uint8Array): string {
  const text = (path: string) => files.get(path)?.content.toString('utf8') ?? ''
  const packed = deflateSync(recording, { level: 9 }).toString('base64')
  return text('/index.html')
    .replace(
      /<link rel="stylesheet"[^>]*href="\.?([^"]+)"[^>]*>/g,
      (_, path) => `<style>${text(path)}</style>`,
    )
    .replace(/<script type="module"[^>]*src="\.?([^"]+)"[^>]*><\/script>/g, '')
    .replace('</body>', () => {
      const scripts = [...files].filter(([path]) => path.endsWith('.js')).map(([path]) => inlined(text(path)))
      return `<script id="recording" type="text/plain">${packed}</script>\n${scripts.join('\n')}\n</body>`
    })
}

/** A script within a page must not contain what ends one. */
function inlined(code: string): string {
  return `<script type="module">${code.replaceAll('</script', '<\\/script')}</script>`
}
