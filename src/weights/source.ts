import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { HostTensor } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { openSafetensors, type SafetensorsFile } from './safetensors.ts'
import type { Entry } from './safetensors-header.ts'

/** Named tensors in one file or in several, read one at a time. */
export interface WeightsSource {
  /** The file, or the index of the files, for messages. */
  readonly path: string
  /** Type and shape of each tensor as stored. */
  readonly entries: ReadonlyMap<string, Entry>
  /** Reads one tensor; see {@link SafetensorsFile.read}. */
  read(name: string): Promise<HostTensor>
  close(): Promise<void>
}

/**
 * Opens the weights of one part of a pipeline: `<base>.safetensors`, `<base>.safetensors.index.json` with its
 * shards, or a variant such as `<base>.fp16.safetensors`, in this order. All of their headers are checked.
 *
 * @param folder such as `unet`
 * @param bases names without ending, such as `diffusion_pytorch_model`
 * @throws InputError naming the folder or file and what is wrong with it
 */
export async function openWeights(folder: string, bases: readonly string[]): Promise<WeightsSource> {
  const names = (await readdir(folder).catch(() => [])).sort()
  for (const base of bases) {
    const single = `${base}.safetensors`
    if (names.includes(single)) return openSafetensorsSource(join(folder, single))
    const index = names.find((name) => isIndex(name, base))
    if (index !== undefined) return openSharded(join(folder, index))
    const variant = names.find((name) => name.startsWith(`${base}.`) && name.endsWith('.safetensors'))
    if (variant !== undefined) return openSafetensorsSource(join(folder, variant))
  }
  const pickled = names.find((name) => /\.(bin|ckpt|pt|pth)$/.test(name))
  if (pickled !== undefined) {
    throw new InputError(
      `The weights in ${folder} are pickled (${pickled}), which is not read here; get or save them as ${bases[0]}.safetensors.`,
    )
  }
  throw new InputError(`${folder} has no weights; put ${bases[0]}.safetensors there.`)
}

/** `base.safetensors.index.json`, or with a variant, `base.safetensors.index.fp16.json`. */
function isIndex(name: string, base: string): boolean {
  return name.startsWith(`${base}.`) && /\.safetensors\.index(\.\w+)?\.json$/.test(name)
}

/** One safetensors file as a {@link WeightsSource}. */
export async function openSafetensorsSource(path: string): Promise<WeightsSource> {
  const file = await openSafetensors(path)
  return { path, entries: file.entries, read: file.read, close: file.close }
}

/** Opens every shard that an index names. @throws InputError naming a shard that is missing, damaged or lacks a tensor */
async function openSharded(index: string): Promise<WeightsSource> {
  const places = await readIndex(index)
  const folder = index.slice(0, -basename(index).length)
  const shards = new Map<string, SafetensorsFile>()
  const close = async () => {
    for (const shard of shards.values()) await shard.close()
  }
  try {
    const entries = new Map<string, Entry>()
    const files = new Map<string, SafetensorsFile>()
    for (const [name, shard] of places) {
      const file = shards.get(shard) ?? (await openSafetensors(join(folder, shard)))
      shards.set(shard, file)
      const entry = file.entries.get(name)
      if (entry === undefined) {
        throw new InputError(
          `${join(folder, shard)} lacks the tensor "${name}", which ${basename(index)} places there; get both again.`,
        )
      }
      entries.set(name, entry)
      files.set(name, file)
    }
    return {
      path: index,
      entries,
      read: (name) => {
        const file = files.get(name)
        if (file === undefined) throw new InputError(`${index} has no tensor "${name}"; check the name.`)
        return file.read(name)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Tensor names and their shards. */
async function readIndex(path: string): Promise<[string, string][]> {
  let document: unknown
  try {
    document = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new InputError(`${path} is not JSON; get it again.`, { cause })
  }
  const map = (document as { weight_map?: unknown } | null)?.weight_map
  const places = typeof map === 'object' && map !== null ? Object.entries(map) : []
  if (places.length === 0 || !places.every(([, shard]) => isFileName(shard))) {
    throw new InputError(`${path} has no "weight_map" from tensors to files beside it; get it again.`)
  }
  return places as [string, string][]
}

function isFileName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && basename(value) === value
}
