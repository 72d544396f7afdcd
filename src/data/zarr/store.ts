import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { InputError } from '../../errors.ts'

/** The files of a zarr hierarchy, by keys such as `/data/action/.zarray`. */
export interface ZarrStore {
  /** What the store was opened from, for messages. */
  readonly path: string
  get(key: string): Promise<Uint8Array | undefined>
  /** Names of the arrays directly in a group such as `/data`, sorted. */
  arrays(group: string): Promise<string[]>
}

/**
 * Opens a zarr folder or zip file (stored or deflated; its entries may share one leading folder).
 *
 * @throws InputError if there is nothing, or something that is not zarr version 2
 */
export async function openStore(path: string): Promise<ZarrStore> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new InputError(`There is no replay buffer at ${path}; check the path.`)
  const store = found.isDirectory() ? folderStore(path) : await zipStore(path)
  if (await store.get('/.zgroup')) return store
  if (await store.get('/zarr.json')) {
    throw new InputError(`${path} is zarr version 3; save it as version 2 (zarr_format=2).`)
  }
  throw new InputError(`${path} is not a zarr group: it has no .zgroup; give the replay buffer's own folder.`)
}

function folderStore(root: string): ZarrStore {
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(join(root, key))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    path: root,
    get,
    async arrays(group) {
      const names = await readdir(join(root, group)).catch(() => [])
      const found: string[] = []
      for (const name of names.sort()) if (await get(`${group}/${name}/.zarray`)) found.push(name)
      return found
    },
  }
}

async function zipStore(path: string): Promise<ZarrStore> {
  const entries = unzip(path, await readFile(path))
  const root = Object.keys(entries)
    .filter((name) => name === '.zgroup' || name.endsWith('/.zgroup'))
    .reduce(
      (best, name) => (best === undefined || name.length < best.length ? name : best),
      undefined as string | undefined,
    )
  const prefix = root === undefined ? '' : root.slice(0, -'.zgroup'.length)
  return {
    path,
    async get(key) {
      const name = prefix + key.slice(1)
      return Object.hasOwn(entries, name) ? entries[name] : undefined
    },
    async arrays(group) {
      const start = `${prefix}${group.slice(1)}/`
      return Object.keys(entries)
        .filter((name) => name.startsWith(start) && name.endsWith('/.zarray'))
        .map((name) => name.slice(start.length, -'/.zarray'.length))
        .filter((name) => !name.includes('/'))
        .sort()
    },
  }
}

function unzip(path: string, bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes)
  } catch (cause) {
    throw new InputError(`${path} is not a complete zip file; copy or download it again.`, { cause })
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code))
  )
}
