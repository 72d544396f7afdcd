import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { IMAGE_PRESETS } from '../config/image-presets.ts'
import { LATENT_PRESETS } from '../config/latent-presets.ts'
import { PRESETS } from '../config/presets.ts'
import { parseRunConfig, type RunConfig } from '../config/run-config.ts'
import { InputError, lookUp } from '../errors.ts'
import { PARTS, readRun } from '../run/run-folder.ts'

/** Every preset, of planners and of image generators, by name. */
export const ALL_PRESETS = { ...PRESETS, ...IMAGE_PRESETS, ...LATENT_PRESETS }

/**
 * The config that a command line names: a preset, or the path of a JSON file, with single values replaced.
 *
 * @param source preset name or path that ends in `.json`
 * @param overrides `key=value` pairs; keys are paths such as `training.steps`, values JSON or plain words
 * @throws InputError for an unknown preset, an unreadable file or a wrong key or value
 */
export async function readConfig(source: string, overrides: readonly string[]): Promise<RunConfig> {
  const value = source.endsWith('.json')
    ? await readJson(source)
    : structuredClone(lookUp('preset', ALL_PRESETS, presetName(source)).config)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      `${source} holds no JSON object; write the settings as {"environment": …} or {"images": …}.`,
    )
  }
  for (const override of overrides) assign(value as Record<string, unknown>, override)
  return parseRunConfig(value, overrides.length > 0 ? `${source} with --set` : source)
}

/** The presets of images go by their last names too. */
function presetName(source: string): string {
  return !(source in ALL_PRESETS) && `images/${source}` in ALL_PRESETS ? `images/${source}` : source
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new InputError(
      `Cannot read ${path}; give the path of a JSON file or a preset: ${Object.keys(ALL_PRESETS).join(', ')}.`,
    )
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${path} is not JSON: ${(error as Error).message}; mend it there.`)
  }
}

/** The config of a run that is under way or done. @throws InputError if the folder holds none */
export async function configOf(folder: string): Promise<RunConfig> {
  // Latent diffusion begins with what it needs, before there is a run.
  const early = `${folder}/${PARTS}/config.json`
  if (!existsSync(`${folder}/config.json`) && existsSync(early)) {
    return parseRunConfig(JSON.parse(await readFile(early, 'utf8')), early)
  }
  const { config } = await readRun(folder)
  return parseRunConfig(config, `${folder}/config.json`)
}

/**
 * Replaces one value of a config.
 *
 * @param override `key=value`, as {@link readConfig} takes
 * @throws InputError without a key
 */
export function assign(config: Record<string, unknown>, override: string): void {
  const equals = override.indexOf('=')
  if (equals < 1) throw new InputError(`--set ${override} has no "="; write it as --set training.steps=1000.`)
  const path = override.slice(0, equals).split('.')
  const last = path.pop()!
  let node = config
  for (const key of path) {
    const inner = node[key]
    if (typeof inner !== 'object' || inner === null) node[key] = {}
    node = node[key] as Record<string, unknown>
  }
  const value = parseValue(override.slice(equals + 1))
  // Another type of network, process, sampler or coupling has settings of its own.
  if (last === 'type' && node.type !== value) for (const key of Object.keys(node)) delete node[key]
  node[last] = value
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
