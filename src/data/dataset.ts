import type { Episode } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { type Rows, rows } from '../rows.ts'

/**
 * Episodes stacked over time: row i of every column belongs to the same time step, and episode e owns the rows
 * from `episodeEnds[e − 1]` (0 for the first) up to, not including, `episodeEnds[e]`.
 */
export interface Dataset {
  /** Such as `observation` and `action`, each [steps, width]. */
  readonly columns: Readonly<Record<string, Rows>>
  /** Increasing; one for each episode. */
  readonly episodeEnds: Int32Array
  /** Whether each episode succeeded, 0 or 1; absent in datasets that do not say. */
  readonly success?: Uint8Array
  /** Index of the mode that each episode shows, −1 for none; absent in datasets that do not say. */
  readonly mode?: Int32Array
  /** Shape of one row of a column that is not a flat vector, such as `[9, 2]` for key points. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>
  /** The file or folder that the data were read from, for messages. */
  readonly path?: string
  /** Where the data come from, as JSON values: `environment`, `seed`, `version`, … */
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Number of episodes. */
export function episodeCount(dataset: Dataset): number {
  return dataset.episodeEnds.length
}

/** Number of time steps of all episodes. */
export function stepCount(dataset: Dataset): number {
  return dataset.episodeEnds.at(-1) ?? 0
}

/** The rows of an episode: from `start` up to, not including, `end`. */
export function episodeRange(dataset: Dataset, episode: number): { start: number; end: number } {
  return { start: episode === 0 ? 0 : dataset.episodeEnds[episode - 1], end: dataset.episodeEnds[episode] }
}

/**
 * A column by name.
 *
 * @throws InputError listing the columns that there are
 */
export function column(dataset: Dataset, name: string): Rows {
  if (Object.hasOwn(dataset.columns, name)) return dataset.columns[name]
  const names = Object.keys(dataset.columns).join(', ')
  throw new InputError(`The dataset has no column "${name}"; it has: ${names}.`)
}

/**
 * Columns side by side, such as `concatenate(data.keypoint, columnsBetween(data.state, 0, 2))`.
 *
 * @throws InputError if they differ in their number of rows
 */
export function concatenate(...parts: readonly Rows[]): Rows {
  const count = parts[0]?.rows ?? 0
  const wrong = parts.find((part) => part.rows !== count)
  if (wrong) throw new InputError(`Columns of ${count} and ${wrong.rows} rows cannot stand side by side.`)
  const width = parts.reduce((sum, part) => sum + part.columns, 0)
  const values = new Float32Array(count * width)
  let left = 0
  for (const part of parts) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < part.columns; j++) values[i * width + left + j] = part.values[i * part.columns + j]
    }
    left += part.columns
  }
  return rows(values, count, width)
}

/** Columns `from` … `to` − 1 of every row, copied. @throws InputError unless 0 ≤ from < to ≤ width */
export function columnsBetween(matrix: Rows, from: number, to: number): Rows {
  if (!(from >= 0 && from < to && to <= matrix.columns)) {
    throw new InputError(`Columns ${from} to ${to} are not within the ${matrix.columns} that there are.`)
  }
  const width = to - from
  const values = new Float32Array(matrix.rows * width)
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < width; j++) values[i * width + j] = matrix.values[i * matrix.columns + from + j]
  }
  return rows(values, matrix.rows, width)
}

/**
 * Stacks episodes.
 *
 * @param attributes where they come from
 * @throws InputError naming the episode and column, if episodes differ in their columns or widths, or if a
 *   column's length is not the episode's
 */
export function fromEpisodes(
  episodes: readonly Episode[],
  attributes: Readonly<Record<string, unknown>> = {},
): Dataset {
  if (episodes.length === 0) throw new InputError('A dataset needs at least one episode; none was given.')
  const names = Object.keys(episodes[0].columns)
  const steps = episodes.reduce((sum, episode) => sum + episode.length, 0)
  episodes.forEach((episode, e) => {
    for (const name of new Set([...names, ...Object.keys(episode.columns)])) {
      checkColumn(episode, e, name, episodes[0].columns[name]?.columns)
    }
  })
  const columns: Record<string, Rows> = {}
  for (const name of names) {
    const width = episodes[0].columns[name].columns
    const values = new Float32Array(steps * width)
    let at = 0
    for (const episode of episodes) {
      values.set(episode.columns[name].values, at)
      at += episode.columns[name].values.length
    }
    columns[name] = rows(values, steps, width)
  }
  let end = 0
  return {
    columns,
    episodeEnds: Int32Array.from(episodes, (episode) => (end += episode.length)),
    success: Uint8Array.from(episodes, (episode) => Number(episode.success)),
    mode: Int32Array.from(episodes, (episode) => episode.mode),
    attributes,
  }
}

/**
 * Cuts a dataset into episodes; the columns are views, not copies. An episode whose dataset does not say counts
 * as a success (demonstrations usually are) and shows no mode.
 */
export function toEpisodes(dataset: Dataset): Episode[] {
  return Array.from(dataset.episodeEnds, (_, e) => {
    const { start, end } = episodeRange(dataset, e)
    const part = ({ values, columns }: Rows) =>
      rows(values.subarray(start * columns, end * columns), end - start, columns)
    return {
      columns: Object.fromEntries(Object.entries(dataset.columns).map(([name, all]) => [name, part(all)])),
      length: end - start,
      success: dataset.success ? dataset.success[e] !== 0 : true,
      mode: dataset.mode ? dataset.mode[e] : -1,
    }
  })
}

function checkColumn(episode: Episode, index: number, name: string, width: number | undefined): void {
  const found = episode.columns[name]
  if (!found || width === undefined) {
    throw new InputError(`Column "${name}" is not in every episode: look at episode ${index} and episode 0.`)
  }
  if (found.columns !== width) {
    throw new InputError(
      `Column "${name}" of episode ${index} is ${found.columns} wide and that of episode 0 ${width}; give all the same width.`,
    )
  }
  if (found.rows !== episode.length || episode.length === 0) {
    throw new InputError(
      `Column "${name}" of episode ${index} has ${found.rows} rows for ${episode.length} steps; give one row for each step, and at least one.`,
    )
  }
}
