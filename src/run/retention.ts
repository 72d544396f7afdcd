import { removeFolder } from '../atomic.ts'
import { InputError } from '../errors.ts'
import {
  checkpointPath,
  checkpointSteps,
  isSound,
  type Manifest,
  readManifest,
  type Skipped,
  verifyCheckpoint,
} from './checkpoint.ts'

/** Which of two checkpoints is better. */
export interface Ranking {
  /** Name of the metric in the manifests. */
  readonly metric: string
  readonly better: 'higher' | 'lower'
}

/** Which checkpoints to keep. */
export interface Retention {
  /** How many of the newest, ≥ 1. */
  readonly last: number
  /** How many of the best besides. */
  readonly best?: Ranking & { readonly count: number }
}

/** A checkpoint's place and manifest; its tensors are not checked. */
export interface CheckpointSummary {
  readonly path: string
  readonly manifest: Manifest
}

/** All checkpoints whose manifest is whole, oldest first. */
export async function checkpoints(folder: string): Promise<CheckpointSummary[]> {
  const summaries: CheckpointSummary[] = []
  for (const step of await checkpointSteps(folder)) {
    const path = checkpointPath(folder, step)
    const manifest = await readManifest(path).catch(() => undefined)
    if (manifest) summaries.push({ path, manifest })
  }
  return summaries
}

/** Best first; equal ones newest first; those that lack the metric are left out. */
export function ranked(
  summaries: readonly CheckpointSummary[],
  { metric, better }: Ranking,
): CheckpointSummary[] {
  const sign = better === 'higher' ? 1 : -1
  return summaries
    .filter(({ manifest }) => Number.isFinite(manifest.metrics[metric]))
    .sort(
      (a, b) =>
        sign * (b.manifest.metrics[metric] - a.manifest.metrics[metric]) || b.manifest.step - a.manifest.step,
    )
}

/**
 * The best checkpoint of a folder whose files are whole; none if no whole one has the metric. Damaged ones that
 * are better, or whose figures cannot be read, are passed over and reported.
 */
export async function bestCheckpoint(
  folder: string,
  ranking: Ranking,
): Promise<{ readonly best?: CheckpointSummary; readonly skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = []
  const readable: CheckpointSummary[] = []
  const unlessDamaged = async <T>(
    path: string,
    read: (path: string) => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await read(path)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      skipped.push({ path, reason: error.message })
      return undefined
    }
  }
  for (const step of await checkpointSteps(folder)) {
    const path = checkpointPath(folder, step)
    const manifest = await unlessDamaged(path, readManifest)
    if (manifest) readable.push({ path, manifest })
  }
  for (const summary of ranked(readable, ranking)) {
    if (await unlessDamaged(summary.path, verifyCheckpoint)) return { best: summary, skipped }
  }
  return { skipped }
}

/**
 * Removes the checkpoints that need not be kept. Nothing is removed unless one of the newest that are kept is
 * whole, so that there is always one to resume from; damaged checkpoints are left for a person to look at.
 *
 * @returns paths of those removed
 */
export async function pruneCheckpoints(folder: string, retention: Retention): Promise<string[]> {
  const all = await checkpoints(folder)
  const newest = all.slice(-Math.max(1, retention.last)).reverse()
  const best = retention.best ? ranked(all, retention.best).slice(0, retention.best.count) : []
  const kept = new Set([...newest, ...best].map(({ path }) => path))
  const surplus = all.map(({ path }) => path).filter((path) => !kept.has(path))
  if (surplus.length === 0 || !(await anySound(newest))) return []
  for (const path of surplus) await removeFolder(path)
  return surplus
}

async function anySound(summaries: readonly CheckpointSummary[]): Promise<boolean> {
  for (const { path } of summaries) if (await isSound(path)) return true
  return false
}
