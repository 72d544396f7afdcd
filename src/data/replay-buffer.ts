import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { zipSync } from 'fflate'
import { writeDurably, writeFileAtomic, writeFolderAtomic } from '../atomic.ts'
import { InputError } from '../errors.ts'
import { type Rows, rows } from '../rows.ts'
import { checkDataset, type Fits } from './check-dataset.ts'
import type { Dataset } from './dataset.ts'
import { type Numbers, readArray } from './zarr/read-array.ts'
import { openStore } from './zarr/store.ts'
import { addArray, addGroup, type ZarrFiles } from './zarr/write-array.ts'

/** How to read a replay buffer. */
export interface ReadOptions {
  /** Columns to read; all by default. Name them where there are images that are not needed. */
  readonly columns?: readonly string[]
  /** Refuse a dataset that does not fit this environment. */
  readonly environment?: Fits
}

/**
 * Reads diffusion_policy's replay buffer, a zarr v2 folder or zip: arrays `data/<column>` of [steps, …] and
 * `meta/episode_ends`. Every type of number becomes float32, and a row that is itself an array is flattened
 * (`shapes` keeps its shape). `meta/success` and `meta/mode`, which {@link writeReplayBuffer} adds, are read
 * where they are.
 *
 * @throws InputError as {@link checkDataset}, and for files that are absent, damaged or of another format
 */
export async function readReplayBuffer(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const store = await openStore(path)
  const names = options.columns ?? (await store.arrays('/data'))
  if (names.length === 0) throw new InputError(`${path} has no arrays under data/; give a replay buffer.`)
  const columns: Record<string, Rows> = {}
  const shapes: Record<string, readonly number[]> = {}
  for (const name of names) {
    const { shape, values } = await readArray(store, `/data/${name}`)
    if (shape.length === 0) throw new InputError(`data/${name} in ${path} is a scalar; give one row a step.`)
    if (shape.length > 2) shapes[name] = shape.slice(1)
    const width = shape.slice(1).reduce((product, n) => product * n, 1)
    columns[name] = rows(toFloat32(values), shape[0], width)
  }
  const meta = await store.arrays('/meta')
  const integers = async (name: string) =>
    toInt32((await readArray(store, `/meta/${name}`)).values, name, path)
  const attributes = await store.get('/.zattrs')
  const dataset: Dataset = {
    columns,
    episodeEnds: await integers('episode_ends'),
    ...(meta.includes('success') && { success: Uint8Array.from(await integers('success')) }),
    ...(meta.includes('mode') && { mode: await integers('mode') }),
    ...(Object.keys(shapes).length > 0 && { shapes }),
    path,
    attributes: attributes ? parseAttributes(attributes, path) : {},
  }
  checkDataset(dataset, path, options.environment)
  return dataset
}

/**
 * Writes a replay buffer as zarr v2, which diffusion_policy and Python's zarr read: a folder, or a zip where
 * `path` ends in `.zip`. It appears in one instant or not at all. Success and mode of every episode are kept in
 * `meta/success` (bool) and `meta/mode` (int32, −1 for none); the attributes are the root group's.
 *
 * @param options.overwrite replace what is at `path`; for a folder there is an instant between the removal of
 *   the old one's name and the arrival of the new one
 * @throws InputError as {@link checkDataset}, or if there is something at `path` already
 * @throws FailureError naming the path, if it cannot be written
 */
export async function writeReplayBuffer(
  path: string,
  dataset: Dataset,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  checkDataset(dataset, path)
  if (!options.overwrite) await refuseExisting(path)
  const files = await zarrFiles(dataset)
  if (path.endsWith('.zip')) {
    // Stored, as zarr's ZipStore; a fixed date, so that the same data make the same bytes.
    const entries = Object.fromEntries(files)
    await writeFileAtomic(path, zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) }))
    return
  }
  await writeFolderAtomic(resolve(path), async (folder) => {
    for (const [key, bytes] of files) {
      await mkdir(dirname(join(folder, key)), { recursive: true })
      await writeDurably(join(folder, key), bytes)
    }
  })
}

/** Asks before what takes long. @throws InputError if there is something at `path` */
export async function refuseExisting(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) {
    throw new InputError(`${path} exists already; remove it or choose another path.`)
  }
}

async function zarrFiles(dataset: Dataset): Promise<ZarrFiles> {
  const files: ZarrFiles = new Map()
  addGroup(files, '', dataset.attributes)
  addGroup(files, 'data')
  for (const [name, { values, rows, columns }] of Object.entries(dataset.columns)) {
    const trailing = dataset.shapes?.[name] ?? [columns]
    await addArray(files, `data/${name}`, values, [rows, ...trailing], true)
  }
  addGroup(files, 'meta')
  const episodes = [dataset.episodeEnds.length]
  const ends = BigInt64Array.from(dataset.episodeEnds, BigInt)
  await addArray(files, 'meta/episode_ends', ends, episodes, false)
  if (dataset.success) await addArray(files, 'meta/success', dataset.success, episodes, false)
  if (dataset.mode) await addArray(files, 'meta/mode', dataset.mode, episodes, false)
  return files
}

function toFloat32(values: Numbers): Float32Array {
  if (values instanceof Float32Array) return values
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return Float32Array.from(values, Number)
  }
  return Float32Array.from(values)
}

function toInt32(values: Numbers, name: string, path: string): Int32Array {
  return Int32Array.from(values as ArrayLike<number | bigint>, (value) => {
    const number = Number(value)
    if (number === (number | 0)) return number
    throw new InputError(`meta/${name} in ${path} holds ${value}, which is not a 32-bit whole number.`)
  })
}

function parseAttributes(bytes: Uint8Array, path: string): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new InputError(`The .zattrs of ${path} is not JSON; repair or remove it.`, { cause })
  }
}
