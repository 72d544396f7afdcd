import { InputError } from '../errors.ts'
import { roundToHalf } from '../half.ts'
import type { Rows } from '../rows.ts'

/**
 * How bad a candidate is for a sample; the least wins, the first among equals.
 *
 * @param data holds the sample, `columns` numbers from `at`
 * @param candidates holds the candidate, from `start`
 */
type Score = (
  data: Float32Array,
  at: number,
  candidates: Float32Array,
  start: number,
  columns: number,
) => number

/** Squared Euclidean distance: the order of the distance itself. Favours short noise. */
const l2: Score = (data, at, candidates, start, columns) => {
  let sum = 0
  for (let k = 0; k < columns; k++) {
    const difference = data[at + k] - candidates[start + k]
    sum += difference * difference
  }
  return sum
}

/** Inner product ⟨x, n⟩, the greatest first. Favours long noise. */
const inner: Score = (data, at, candidates, start, columns) => {
  let sum = 0
  for (let k = 0; k < columns; k++) sum += data[at + k] * candidates[start + k]
  return -sum
}

/** ⟨x, n⟩/‖n‖, the greatest first: chooses a direction only, so the norm stays as it was drawn. */
const cosine: Score = (data, at, candidates, start, columns) => {
  let sum = 0
  let energy = 0
  for (let k = 0; k < columns; k++) {
    const n = candidates[start + k]
    sum += data[at + k] * n
    energy += n * n
  }
  return energy > 0 ? -sum / Math.sqrt(energy) : 0
}

/** Distance with inputs, differences and result rounded to half precision, as the code released with the paper. */
const half: Score = (data, at, candidates, start, columns) => {
  let sum = 0
  for (let k = 0; k < columns; k++) {
    const difference = roundToHalf(roundToHalf(data[at + k]) - roundToHalf(candidates[start + k]))
    sum += difference * difference
  }
  return roundToHalf(Math.sqrt(sum))
}

/** Scores by the name they have in configs. */
export const SCORES = { l2, inner, cosine, half } as const satisfies Record<string, Score>

/** Name of a score. */
export type ScoreName = keyof typeof SCORES

/**
 * The nearest candidate of each sample.
 *
 * @param data [B, D]
 * @param candidates [B·k, D]: the k candidates of sample i are rows i·k … i·k + k − 1
 * @returns numbers from 0 to k − 1, [B]
 * @throws InputError for shapes that do not fit
 */
export function nearestCandidates(data: Rows, candidates: Rows, score: ScoreName): Int32Array {
  const k = candidates.rows / data.rows
  if (!Number.isInteger(k) || k < 1 || candidates.columns !== data.columns) {
    throw new InputError(
      `${candidates.rows} candidates of ${candidates.columns} numbers do not serve ${data.rows} samples of ${data.columns}; give each sample equally many of its own width.`,
    )
  }
  const chosen = new Int32Array(data.rows)
  for (let i = 0; i < data.rows; i++) {
    chosen[i] = nearestOf(SCORES[score], data, i, candidates.values, i * k, k)
  }
  return chosen
}

/** The best of the `k` candidates from row `first` on for sample `i`. */
export function nearestOf(
  score: Score,
  data: Rows,
  i: number,
  candidates: Float32Array,
  first: number,
  k: number,
): number {
  const { values, columns } = data
  let least = Infinity
  let chosen = 0
  for (let j = 0; j < k; j++) {
    const value = score(values, i * columns, candidates, (first + j) * columns, columns)
    if (value < least) {
      least = value
      chosen = j
    }
  }
  return chosen
}
