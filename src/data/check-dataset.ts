import type { Dynamics } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { type Dataset, episodeRange, stepCount } from './dataset.ts'

/** What of an environment a dataset must fit. */
export type Fits = Pick<Dynamics<never>, 'name' | 'observation' | 'action'>

/**
 * Refuses a dataset that training would silently suffer from.
 *
 * @param where the dataset's file, or what else to call it in messages
 * @param environment whose observation and action widths the columns `observation` and `action` must have
 * @throws InputError for episode ends that do not increase, columns of unequal length, numbers that are not
 *   finite (naming column, episode and row), or a width that is not the environment's
 */
export function checkDataset(dataset: Dataset, where: string, environment?: Fits): void {
  checkEpisodeEnds(dataset, where)
  const steps = stepCount(dataset)
  for (const [name, { rows }] of Object.entries(dataset.columns)) {
    if (rows !== steps) {
      throw new InputError(
        `Column "${name}" of ${where} has ${rows} rows, but the episodes have ${steps} steps; make the dataset again with one row for each step.`,
      )
    }
  }
  for (const name of ['success', 'mode'] as const) {
    const found = dataset[name]?.length ?? dataset.episodeEnds.length
    if (found !== dataset.episodeEnds.length) {
      throw new InputError(
        `meta/${name} of ${where} has ${found} entries for ${dataset.episodeEnds.length} episodes; give one for each episode.`,
      )
    }
  }
  if (environment) checkWidths(dataset, where, environment)
  for (const name of Object.keys(dataset.columns)) checkFinite(dataset, name, where)
}

function checkEpisodeEnds({ episodeEnds }: Dataset, where: string): void {
  if (episodeEnds.length === 0) {
    throw new InputError(`${where} has no episodes; collect demonstrations first.`)
  }
  for (let e = 0; e < episodeEnds.length; e++) {
    const before = e === 0 ? 0 : episodeEnds[e - 1]
    if (episodeEnds[e] <= before) {
      throw new InputError(
        `The episode ends of ${where} do not increase: episode ${e} ends at ${episodeEnds[e]} and starts at ${before}; remove empty episodes and store cumulative ends.`,
      )
    }
  }
}

function checkWidths(dataset: Dataset, where: string, environment: Fits): void {
  for (const name of ['observation', 'action'] as const) {
    const expected = environment[name].low.length
    const found = dataset.columns[name]
    if (!found) {
      throw new InputError(
        `${where} has no column "${name}", which training on ${environment.name} needs; it has: ${Object.keys(dataset.columns).join(', ')}.`,
      )
    }
    if (found.columns !== expected) {
      throw new InputError(
        `Column "${name}" of ${where} is ${found.columns} wide, but ${environment.name} needs ${expected}; use a dataset of that environment.`,
      )
    }
  }
}

function checkFinite(dataset: Dataset, name: string, where: string): void {
  const { values, columns } = dataset.columns[name]
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at < 0) return
  const row = Math.floor(at / columns)
  const episode = dataset.episodeEnds.findIndex((end) => row < end)
  const { start } = episodeRange(dataset, episode)
  throw new InputError(
    `Column "${name}" of ${where} holds ${values[at]} in row ${row - start} of episode ${episode} (entry ${at % columns}); repair or remove that episode.`,
  )
}
