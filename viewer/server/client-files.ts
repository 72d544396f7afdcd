import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { InputError } from '../../src/errors.ts'

/** A file of the built client. */
export interface ClientFile {
  readonly type: string
  readonly content: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * Reads the built client into memory by URL path. Only what is in it can be served, so no address leads out of
 * the folder.
 *
 * @throws InputError if it was not built
 */
export function readClient(folder: string): ReadonlyMap<string, ClientFile> {
  const files = new Map<string, ClientFile>()
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (cause) {
    throw new InputError(`The viewer's client is not in ${folder}; build it with npm run build.`, { cause })
  }
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type) files.set(`/${name.split(sep).join('/')}`, { type, content: readFileSync(join(folder, name)) })
  }
  const index = files.get('/index.html')
  if (!index)
    throw new InputError(`The viewer's client in ${folder} is not whole; build it with npm run build.`)
  files.set('/', index)
  return files
}
