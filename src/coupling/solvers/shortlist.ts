import type { CostMatrix } from './assignment-problem.ts'

/** Columns kept for each row. */
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
  best: number
  second: number
  bestColumn: number
  secondColumn: number
}

export function emptyShortlists({ rows, columns }: CostMatrix): Shortlists {
  const kept = Math.min(KEPT, columns)
  return {
    kept,
    columns: new Int32Array(rows * kept),
    costs: new Float64Array(rows * kept),
    bound: new Float64Array(rows).fill(-Infinity),
    best: 0,
    second: 0,
    bestColumn: 0,
    secondColumn: 0,
  }
}

/**
 * Finds the two columns of row `i` with the smallest reduced costs (cost − dual). Between two calls the duals
 * `v` may only drop. There must be two columns at least.
 */
export function twoBest(cost: CostMatrix, v: Float64Array, lists: Shortlists, i: number): void {
  const { kept, columns, costs } = lists
  const limit = lists.bound[i]
  if (limit > -Infinity) {
    let best = Infinity
    let second = Infinity
    let bestColumn = 0
    let secondColumn = 0
    for (let k = i * kept; k < (i + 1) * kept; k++) {
      const j = columns[k]
      const reduced = costs[k] - v[j]
      if (reduced < second) {
        if (reduced < best) {
          second = best
          secondColumn = bestColumn
          best = reduced
          bestColumn = j
        } else {
          second = reduced
          secondColumn = j
        }
      }
    }
    if (second <= limit) {
      lists.best = best
      lists.second = second
      lists.bestColumn = bestColumn
      lists.secondColumn = secondColumn
      return
    }
  }
  scanRow(cost, v, lists, i)
}

/** Fills the list of row `i` from all its columns, cheapest first. */
function scanRow({ values, columns: m }: CostMatrix, v: Float64Array, lists: Shortlists, i: number): void {
  const { kept, columns, costs } = lists
  const start = i * kept
  const last = start + kept - 1
  const base = i * m
  // The list holds reduced costs while it is sorted, and plain costs afterwards.
  costs.fill(Infinity, start, last + 1)
  let limit = Infinity
  for (let j = 0; j < m; j++) {
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
  lists.best = costs[start]
  lists.second = costs[start + 1]
  lists.bestColumn = columns[start]
  lists.secondColumn = columns[start + 1]
  for (let k = start; k <= last; k++) costs[k] = values[base + columns[k]]
}
