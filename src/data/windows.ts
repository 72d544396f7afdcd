import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import { column, type Dataset, episodeRange } from './dataset.ts'

/** Which windows to cut. */
export interface WindowOptions {
  /** Observations that a plan is made from, ≥ 1. */
  readonly observe: number
  /** Actions in a plan, ≥ observe. */
  readonly plan: number
  /** Windows may begin so many steps before their episode; `observe − 1` by default. */
  readonly padBefore?: number
  /** Windows may end so many steps after their episode; `plan − 1` by default, diffusion_policy takes `act − 1`. */
  readonly padAfter?: number
  /** `first`: only the window that begins an episode, for planners of whole paths; `every` by default. */
  readonly which?: 'every' | 'first'
  /** 1 for each episode to take windows from; all by default. */
  readonly episodes?: ArrayLike<number | boolean>
  /** Name of the column of observations, `observation` by default. */
  readonly observation?: string
  /** Name of the column of actions, `action` by default. */
  readonly action?: string
}

/** Every training sample of a dataset: a window is a few observations and the actions from the first of them on. */
export interface Windows {
  readonly count: number
  readonly observe: number
  readonly plan: number
  readonly observationWidth: number
  readonly actionWidth: number
  /** The episode that each window belongs to, [count]. */
  readonly episode: Int32Array
  /**
   * Copies windows side by side: for window `indices[i]`, row i of `observations`, [n, observe × observation
   * width], and of `actions`, [n, plan × action width]; both oldest first.
   *
   * @throws InputError if an index is not below `count` or an array has not the right length
   */
  gather(indices: ArrayLike<number>, observations: Float32Array, actions: Float32Array): void
}

/** Where a window lies, as diffusion_policy's `create_indices` gives it; one entry for each window. */
export interface WindowIndices {
  /** First row of the dataset in the window. */
  readonly bufferStart: Int32Array
  /** One past the last row of the dataset in the window. */
  readonly bufferEnd: Int32Array
  /** Place within the window of that first row; what is before repeats it. */
  readonly sampleStart: Int32Array
  /** Place within the window past that last row; what is after repeats it. */
  readonly sampleEnd: Int32Array
  readonly episode: Int32Array
}

/**
 * All windows of `length` steps, as diffusion_policy's `create_indices`: they lie within one episode but for
 * `padBefore` steps before its beginning and `padAfter` after its end (each at most `length − 1`).
 */
export function windowIndices(
  dataset: Pick<Dataset, 'episodeEnds'>,
  length: number,
  padBefore: number,
  padAfter: number,
  episodes?: ArrayLike<number | boolean>,
): WindowIndices {
  const before = Math.min(Math.max(padBefore, 0), length - 1)
  const after = Math.min(Math.max(padAfter, 0), length - 1)
  const bufferStart: number[] = []
  const bufferEnd: number[] = []
  const sampleStart: number[] = []
  const sampleEnd: number[] = []
  const episode: number[] = []
  for (let e = 0; e < dataset.episodeEnds.length; e++) {
    if (episodes && !episodes[e]) continue
    const start = e === 0 ? 0 : dataset.episodeEnds[e - 1]
    const steps = dataset.episodeEnds[e] - start
    for (let at = -before; at <= steps - length + after; at++) {
      const first = Math.max(at, 0)
      const end = Math.min(at + length, steps)
      bufferStart.push(start + first)
      bufferEnd.push(start + end)
      sampleStart.push(first - at)
      sampleEnd.push(end - at)
      episode.push(e)
    }
  }
  return {
    bufferStart: Int32Array.from(bufferStart),
    bufferEnd: Int32Array.from(bufferEnd),
    sampleStart: Int32Array.from(sampleStart),
    sampleEnd: Int32Array.from(sampleEnd),
    episode: Int32Array.from(episode),
  }
}

/**
 * The training samples of a dataset, as diffusion_policy's `SequenceSampler`: windows of `plan` steps in which
 * the first `observe` observations are seen and all `plan` actions are predicted, so that action `observe − 1`
 * of a window is the one taken at its last seen observation. Steps outside the episode repeat its first or last
 * row.
 *
 * @param dataset whose columns are normalised already where they shall be
 * @throws InputError for an unknown column, a plan shorter than the observations, an episode mask of the wrong
 *   length, or if there is no window at all
 */
export function windows(dataset: Dataset, options: WindowOptions): Windows {
  const { observe, plan, episodes } = options
  if (!(Number.isInteger(observe) && Number.isInteger(plan) && observe >= 1 && plan >= observe)) {
    throw new InputError(
      `A window of ${plan} planned actions cannot hold ${observe} observations; choose whole numbers with 1 ≤ observe ≤ plan.`,
    )
  }
  if (episodes && episodes.length !== dataset.episodeEnds.length) {
    throw new InputError(
      `The mask has ${episodes.length} entries for ${dataset.episodeEnds.length} episodes; give one for each.`,
    )
  }
  const { padBefore = observe - 1, padAfter = plan - 1 } = options
  const observations = column(dataset, options.observation ?? 'observation')
  const actions = column(dataset, options.action ?? 'action')
  const all = windowIndices(dataset, plan, padBefore, padAfter, episodes)
  const { bufferStart, sampleStart, episode } = options.which === 'first' ? firstOfEach(all) : all
  const count = episode.length
  if (count === 0) {
    throw new InputError(
      `No episode${dataset.path ? ` of ${dataset.path}` : ''} is long enough for a window of ${plan} steps with ${padBefore} before and ${padAfter} after; lower policy.plan, or raise policy.act by what is missing.`,
    )
  }
  const ranges = Array.from(dataset.episodeEnds, (_, e) => episodeRange(dataset, e))
  return {
    count,
    observe,
    plan,
    observationWidth: observations.columns,
    actionWidth: actions.columns,
    episode,
    gather(indices, observationsOut, actionsOut) {
      checkLength('observations', observationsOut, indices.length * observe * observations.columns)
      checkLength('actions', actionsOut, indices.length * plan * actions.columns)
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i]
        if (!(index >= 0 && index < count)) {
          throw new InputError(`There is no window ${index}; they are numbered from 0 to ${count - 1}.`)
        }
        const { start, end } = ranges[episode[index]]
        const at = bufferStart[index] - sampleStart[index]
        copyRows(observations, at, observe, start, end, observationsOut, i * observe * observations.columns)
        copyRows(actions, at, plan, start, end, actionsOut, i * plan * actions.columns)
      }
    },
  }
}

function firstOfEach(all: WindowIndices): WindowIndices {
  const begins = (_: number, i: number) => i === 0 || all.episode[i] !== all.episode[i - 1]
  return {
    bufferStart: all.bufferStart.filter(begins),
    bufferEnd: all.bufferEnd.filter(begins),
    sampleStart: all.sampleStart.filter(begins),
    sampleEnd: all.sampleEnd.filter(begins),
    episode: all.episode.filter(begins),
  }
}

/** Copies rows `from` … `from + count − 1`, each clamped into [start, end), to `out` from `to` on. */
function copyRows(
  source: Rows,
  from: number,
  count: number,
  start: number,
  end: number,
  out: Float32Array,
  to: number,
): void {
  const { values, columns } = source
  let target = to
  for (let k = from; k < from + count; k++) {
    const row = k < start ? start : k >= end ? end - 1 : k
    // A loop beats `set(subarray)` for the few numbers of a row.
    for (let j = row * columns, last = j + columns; j < last; j++) out[target++] = values[j]
  }
}

function checkLength(name: string, out: Float32Array, expected: number): void {
  if (out.length !== expected) {
    throw new InputError(`The array for the ${name} has ${out.length} entries; make it ${expected} long.`)
  }
}
