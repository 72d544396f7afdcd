import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably, writeFolderAtomic } from '../atomic.ts'
import type { HostTensor } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { encodeSafetensors, readSafetensors } from '../weights/safetensors.ts'
import { FREE_AND_RESUME } from './full-disk.ts'

/** What training stores at a step. */
export interface CheckpointContent {
  /** Training steps done. */
  readonly step: number
  /** Tensors by file, such as `model`, `average` and `optimizer`; each becomes `<file>.safetensors`. */
  readonly tensors: Readonly<Record<string, Readonly<Record<string, HostTensor>>>>
  /** Figures by which checkpoints are ranked, such as the success rate. */
  readonly metrics?: Readonly<Record<string, number>>
  /** What else is needed to go on, as JSON. */
  readonly state?: unknown
  /** Versions of what wrote it. */
  readonly versions?: Readonly<Record<string, string>>
}

/** `manifest.json` of a checkpoint. */
export interface Manifest {
  readonly format: 1
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly state: unknown
  readonly versions: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
}

/** A checkpoint in memory, whose files had the sizes and hashes of its manifest. */
export interface Checkpoint {
  readonly path: string
  readonly manifest: Manifest
  readonly tensors: Readonly<Record<string, Readonly<Record<string, HostTensor>>>>
}

const MANIFEST = 'manifest.json'
const FOLDER = /^step-(\d+)$/

/** Where the checkpoint of a step lies: `step-00001000`. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, `step-${String(step).padStart(8, '0')}`)
}

/**
 * Writes a checkpoint beside its place and renames it, so that a crash at any instant leaves all of it or
 * nothing. A sound checkpoint of the same step is kept as it is, because the same step of a run is the same
 * state; a damaged one is replaced.
 *
 * @param folder where the run's checkpoints lie
 * @returns the checkpoint's path
 * @throws FailureError naming the folder, if it cannot be written
 */
export async function writeCheckpoint(folder: string, content: CheckpointContent): Promise<string> {
  const path = checkpointPath(folder, content.step)
  if (await isSound(path)) return path
  await writeFolderAtomic(
    path,
    async (aside) => {
      const files: Record<string, { bytes: number; sha256: string }> = {}
      for (const [name, tensors] of Object.entries(content.tensors)) {
        const hash = createHash('sha256')
        let bytes = 0
        const pieces = encodeSafetensors(tensors)
        for (const piece of pieces) {
          hash.update(piece)
          bytes += piece.byteLength
        }
        await writeDurably(join(aside, `${name}.safetensors`), pieces)
        files[`${name}.safetensors`] = { bytes, sha256: hash.digest('hex') }
      }
      const { step, metrics = {}, state = null, versions = {} } = content
      const manifest: Manifest = { format: 1, step, metrics, state, versions, files }
      const text = JSON.stringify({ ...manifest, sha256: digest(manifest) }, undefined, 2)
      await writeDurably(join(aside, MANIFEST), `${text}\n`)
    },
    FREE_AND_RESUME,
  )
  return path
}

/**
 * Loads a checkpoint after checking the size and hash of every file that is loaded.
 *
 * @param path the checkpoint's folder
 * @param files which of its files, such as `average`; all by default
 * @throws InputError naming the file that is missing, truncated or altered
 */
export async function readCheckpoint(path: string, files?: readonly string[]): Promise<Checkpoint> {
  const manifest = await readManifest(path)
  const names = files ?? Object.keys(manifest.files).map((file) => file.replace(/\.safetensors$/, ''))
  const tensors: Record<string, Record<string, HostTensor>> = {}
  for (const name of names) {
    await checkFile(path, manifest, `${name}.safetensors`)
    tensors[name] = (await readSafetensors(join(path, `${name}.safetensors`))).tensors
  }
  return { path, manifest, tensors }
}

/**
 * Checks every file of a checkpoint against its manifest.
 *
 * @throws InputError naming the file that is missing, truncated or altered
 */
export async function verifyCheckpoint(path: string): Promise<Manifest> {
  const manifest = await readManifest(path)
  for (const file of Object.keys(manifest.files)) await checkFile(path, manifest, file)
  return manifest
}

/** Whether {@link verifyCheckpoint} passes. */
export async function isSound(path: string): Promise<boolean> {
  return verifyCheckpoint(path).then(
    () => true,
    () => false,
  )
}

/** The steps of which there are checkpoints in a folder, sound or not, increasing; none if there is no folder. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .flatMap((name) => FOLDER.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** A checkpoint that cannot be used, and why. */
export interface Skipped {
  readonly path: string
  readonly reason: string
}

/**
 * Loads the newest checkpoint that is whole. Those that are damaged are passed over and reported.
 *
 * @param folder where the run's checkpoints lie
 * @param files which of its files; all by default
 */
export async function latestCheckpoint(
  folder: string,
  files?: readonly string[],
): Promise<{ readonly checkpoint?: Checkpoint; readonly skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = []
  for (const step of (await checkpointSteps(folder)).reverse()) {
    const path = checkpointPath(folder, step)
    try {
      return { checkpoint: await readCheckpoint(path, files), skipped }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      skipped.push({ path, reason: error.message })
    }
  }
  return { skipped }
}

/**
 * A checkpoint's manifest.
 *
 * @throws InputError if it is missing or altered
 */
export async function readManifest(path: string): Promise<Manifest> {
  const damaged = (why: string, cause?: unknown) =>
    new InputError(`The checkpoint ${path} is damaged: its ${MANIFEST} ${why}; use an earlier one.`, {
      cause,
    })
  const text = await readFile(join(path, MANIFEST), 'utf8').catch((cause) => {
    throw damaged('is missing', cause)
  })
  let document: { sha256?: unknown } & Manifest
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw damaged('is not JSON', cause)
  }
  const { sha256, ...manifest } = document
  if (manifest.format !== 1) throw damaged(`is of format ${manifest.format}, not 1`)
  if (sha256 !== digest(manifest)) throw damaged('was altered')
  return manifest
}

async function checkFile(path: string, manifest: Manifest, file: string): Promise<void> {
  const damaged = (why: string, cause?: unknown) =>
    new InputError(`The checkpoint ${path} is damaged: ${file} ${why}; use an earlier one.`, { cause })
  const expected = manifest.files[file]
  if (!expected) throw damaged('is not in its manifest')
  const { size } = await stat(join(path, file)).catch((cause) => {
    throw damaged('is missing', cause)
  })
  if (size !== expected.bytes) throw damaged(`has ${size} bytes instead of ${expected.bytes}`)
  const hash = createHash('sha256')
  for await (const piece of createReadStream(join(path, file), { highWaterMark: 1 << 20 })) hash.update(piece)
  if (hash.digest('hex') !== expected.sha256) throw damaged('was altered')
}

function digest(manifest: Manifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
