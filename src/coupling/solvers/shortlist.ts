import type { CostMatrix } from './assignment-problem.ts'

/** Columns kept for each row, unless told otherwise. */
const KEPT = 16

/**
 * For each row the few columns that were cheapest when it was last scanned whole. Reduced costs only grow
 * while duals only drop, so as long as the second best of the kept columns is within `bound`, no other
 * column can beat it and the row need not be scanned again. The result of {@link twoBest} is left here too.
 */
export interface Shortlists {
  readonly kept: number
  /** Column numbers, [rows, kept]. */
  readonly columns: Int32Array
  /** Their costs, [rows, kept]. */
  readonly costs: Float64Array
  /** No column outside the list has a smaller reduced cost, [rows]. */
  readonly bound: Float64Array
  /** Smallest reduced cost, where it stands in the list, and its column. */
  best: number
  bestAt: number
  bestColumn: number
  second: number
  secondColumn: number
}

export function emptyShortlists(rows: number, columns: number, most = KEPT): Shortlists {
  const kept = Math.min(most, columns)
  return {
    kept,
    columns: new Int32Array(rows * kept),
    costs: new Float64Array(rows * kept),
    bound: new Float64Array(rows).fill(-Infinity),
    best: 0,
    bestAt: 0,
    bestColumn: 0,
    second: 0,
    secondColumn: 0,
  }
}

/**
 * Finds the two columns of row `i` with the smallest reduced costs (cost − dual). Between two calls the duals
 * `v` may only drop. There must be two columns at least.
 */
export function twoBest(
  { values, columns }: CostMatrix,
  v: Float64Array,
  lists: Shortlists,
  i: number,
): void {
  if (twoBestOfList(v, lists, i)) return
  scanRow(values, i * columns, v, lists, i)
  twoBestOfList(v, lists, i)
}

/** {@link twoBest} from the list alone. @returns false where the row must be scanned to know */
export function twoBestOfList(v: Float64Array, lists: Shortlists, i: number): boolean {
  const { kept, columns, costs } = lists
  let best = Infinity
  let second = Infinity
  let bestAt = i * kept
  let secondAt = i * kept
  for (let k = i * kept; k < (i + 1) * kept; k++) {
    const reduced = costs[k] - v[columns[k]]
    if (reduced < second) {
      if (reduced < best) {
        second = best
        secondAt = bestAt
        best = reduced
        bestAt = k
      } else {
        second = reduced
        secondAt = k
      }
    }
  }
  lists.best = best
  lists.bestAt = bestAt
  lists.bestColumn = columns[bestAt]
  lists.second = second
  lists.secondColumn = columns[secondAt]
  return second <= lists.bound[i]
}

/** Fills the list of row `i` from all its costs, `values` from `base` on, cheapest first. */
export function scanRow(
  values: Float32Array | Float64Array,
  base: number,
  v: Float64Array,
  lists: Shortlists,
  i: number,
): void {
  const { kept, columns, costs } = lists
  const start = i * kept
  const last = start + kept - 1
  // The list holds reduced costs while it is sorted, and plain costs afterwards.
  costs.fill(Infinity, start, last + 1)
  let limit = Infinity
  for (let j = 0; j < v.length; j++) {
    const reduced = values[base + j] - v[j]
    if (reduced < limit) {
      let k = last
      for (; k > start && costs[k - 1] > reduced; k--) {
        costs[k] = costs[k - 1]
        columns[k] = columns[k - 1]
      }
      costs[k] = reduced
      columns[k] = j
      limit = costs[last]
    }
  }
  lists.bound[i] = limit
  for (let k = start; k <= last; k++) costs[k] = values[base + columns[k]]
}
