import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { removePartials, storageError, writeFileAtomic } from '../atomic.ts'
import { asMeant } from '../config/earlier.ts'
import { type Normalizer, normalizerFrom, normalizerState } from '../data/normalizer.ts'
import { FailureError, InputError } from '../errors.ts'
import { encodeSafetensors, readSafetensors } from '../weights/safetensors.ts'
import { describeEnvironment, environmentChanges } from './environment.ts'
import { FREE_AND_RESUME } from './full-disk.ts'
import { lockFolder } from './lock.ts'
import { type MetricsSink, metricsFile, parseMetrics } from './metrics.ts'
import { eventsFile } from './tensorboard.ts'

const CONFIG = 'config.json'
const ENVIRONMENT = 'environment.json'
const NORMALIZER = 'normalizer.safetensors'
const METRICS = 'metrics.jsonl'
const CHECKPOINTS = 'checkpoints'
/** What a run needs may be made in this folder before the run begins. */
export const PARTS = 'parts'

/** A run on disk, to look at. */
export interface RunView {
  readonly path: string
  /** Content of `config.json`. */
  readonly config: unknown
  /** Folder of the checkpoints. */
  readonly checkpoints: string
  /** @throws InputError if the run has none yet, or a damaged one */
  normalizer(): Promise<Normalizer>
  /** Names of the versions and machine parts that are not as when the run began. */
  environmentChanges(): Promise<string[]>
}

/** A run that this process may write to. */
export interface Run extends RunView {
  saveNormalizer(normalizer: Normalizer): Promise<void>
  /**
   * Opens `metrics.jsonl` and TensorBoard's events, cut off after a step where the run resumes from one.
   *
   * @param through step of the checkpoint resumed from; absent where training begins
   */
  openMetrics(through?: number): Promise<MetricsSink>
  /** Lets other processes use the folder. */
  release(): Promise<void>
}

/**
 * Begins a run in a folder that is new, or empty but for what a start that was killed left.
 *
 * @param config as JSON; written last, so that a folder with a config is a run
 * @throws InputError if a run is there already, other files are in the way, or another process uses the folder
 * @throws FailureError if the folder cannot be written
 */
export async function createRun(path: string, config: unknown): Promise<Run> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true }).catch((error) => Promise.reject(storageError(error, folder)))
  const release = await lockFolder(folder)
  try {
    const names = await readdir(folder)
    if (names.includes(CONFIG)) {
      throw new InputError(`There is a run in ${path} already; resume it, or choose another folder.`)
    }
    const foreign = names.find(
      (name) => name !== ENVIRONMENT && name !== PARTS && name !== 'lock.json' && !name.startsWith('.'),
    )
    if (foreign) {
      throw new InputError(
        `The folder ${path} holds other files, such as ${foreign}; choose an empty or a new folder.`,
      )
    }
    await removePartials(folder)
    await writeJson(join(folder, ENVIRONMENT), describeEnvironment())
    await writeJson(join(folder, CONFIG), config)
    return writable(await view(folder), release)
  } catch (error) {
    await release()
    throw error
  }
}

/**
 * Opens a run to go on with it. What writers that were killed left is removed.
 *
 * @throws InputError if there is no run, its config is damaged, or another process uses it
 */
export async function resumeRun(path: string): Promise<Run> {
  await readRun(path)
  const folder = resolve(path)
  const release = await lockFolder(folder)
  try {
    await removePartials(folder)
    if (await isFolder(join(folder, CHECKPOINTS))) await removePartials(join(folder, CHECKPOINTS))
    return writable(await view(folder), release)
  } catch (error) {
    await release()
    throw error
  }
}

/**
 * Opens a run to look at, also while another process writes to it.
 *
 * @throws InputError if there is no run, or its config is damaged
 */
export async function readRun(path: string): Promise<RunView> {
  if (!(await isFolder(path))) throw new InputError(`There is no run folder ${path}; check the path.`)
  return view(resolve(path))
}

async function view(folder: string): Promise<RunView> {
  const config = asMeant(
    await readJson(join(folder, CONFIG), `${folder} is not a run folder: it has no ${CONFIG}`),
  )
  return {
    path: folder,
    config,
    checkpoints: join(folder, CHECKPOINTS),
    async normalizer() {
      return normalizerFrom((await readSafetensors(join(folder, NORMALIZER))).tensors)
    },
    async environmentChanges() {
      const file = join(folder, ENVIRONMENT)
      const before = await readJson(file, `The run ${folder} has no ${ENVIRONMENT}`)
      return environmentChanges(before as Record<string, string>, describeEnvironment())
    },
  }
}

function writable(run: RunView, release: () => Promise<void>): Run {
  return {
    ...run,
    release,
    async saveNormalizer(normalizer) {
      await writeFileAtomic(
        join(run.path, NORMALIZER),
        encodeSafetensors(normalizerState(normalizer)),
        FREE_AND_RESUME,
      )
    },
    async openMetrics(through) {
      const path = join(run.path, METRICS)
      const lines = metricsFile(path, through)
      const content = await readFile(path)
      const events = eventsFile(await eventsPath(run.path), { through, earlier: () => parseMetrics(content) })
      const sinks = [lines, events]
      return {
        record: (step, metrics) => {
          for (const sink of sinks) sink.record(step, metrics)
        },
        flush: () => {
          for (const sink of sinks) sink.flush()
        },
        close: () => {
          for (const sink of sinks) sink.close()
        },
      }
    },
  }
}

/** The run's one events file: TensorBoard shows a second one as a second line. */
async function eventsPath(folder: string): Promise<string> {
  const found = (await readdir(folder)).filter((name) => name.startsWith('events.out.tfevents.')).sort()
  const seconds = Math.floor(Date.now() / 1000)
  return join(folder, found[0] ?? `events.out.tfevents.${seconds}.${hostname()}`)
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

async function readJson(path: string, absent: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') throw new InputError(`${absent}; check the path.`)
    throw new FailureError(
      `Cannot read ${path} (${error.code}); make it a file that you may read, or start another run.`,
      { cause: error },
    )
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError(`${path} is not JSON; repair it or start another run.`, { cause })
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
