import type { CostMatrix } from './solvers/assignment-problem.ts'

/** Rows that are looked at, at most: a quantile of so many times n pairs is as good as one of all. */
const ROWS = 128

/** Distances below this share of the greatest are rounding: the conditions count as equal. */
const EQUAL = 1e-3

/** Makes the distances of conditions that are equal but for rounding exactly 0, in place. */
export function withoutRounding(penalty: CostMatrix): CostMatrix {
  const { values, rows, columns } = penalty
  let greatest = 0
  // Row by row here and below: functions that are called often are compiled well the sooner.
  for (let i = 0; i < rows; i++) greatest = greatestOf(values, i * columns, columns, greatest)
  for (let i = 0; i < rows; i++) clear(values, i * columns, columns, EQUAL * greatest)
  return penalty
}

function greatestOf(values: CostMatrix['values'], first: number, count: number, least: number): number {
  let greatest = least
  for (let k = first; k < first + count; k++) if (values[k] > greatest) greatest = values[k]
  return greatest
}

/** Sets what is below `limit` to 0. */
function clear(values: CostMatrix['values'], first: number, count: number, limit: number): void {
  for (let k = first; k < first + count; k++) if (values[k] < limit) values[k] = 0
}

/**
 * The weight w at which a share `ratio` of all pairs costs no more than the diagonal of its row:
 * mean[cost(i, j) + w·penalty(i, j) ≤ cost(i, i)] = ratio, as nearly as the pairs allow. The share falls as w
 * grows; a ratio that is kept without any penalty gives 0, and one that no weight reaches, because too many pairs
 * have no penalty, a weight beyond which nothing changes.
 *
 * @param cost [n, n]
 * @param penalty [n, n], ≥ 0 with zeros on the diagonal
 */
export function penaltyWeight(cost: CostMatrix, penalty: CostMatrix, ratio: number): number {
  const n = cost.rows
  const seen = Math.min(n, ROWS)
  // A cheaper pair stays as good up to the weight gain / penalty: w is a quantile of these limits.
  const limits = new Float64Array(seen * n)
  let limited = 0
  let free = 0
  for (let row = 0; row < seen; row++) {
    const i = Math.floor((row * n) / seen)
    const own = cost.values[i * n + i]
    for (let at = i * n; at < (i + 1) * n; at++) {
      const gain = own - cost.values[at]
      if (gain < 0) continue
      if (penalty.values[at] > 0) limits[limited++] = gain / penalty.values[at]
      else free++
    }
  }
  const allowed = Math.max(0, Math.floor(ratio * seen * n) - free)
  if (limited <= allowed) return 0
  const found = limits.subarray(0, limited)
  return allowed > 0 ? ranked(found, limited - allowed) : 2 * ranked(found, limited - 1)
}

/** The number at place `k` of the ascending order (Hoare's quickselect); `values` are reordered. */
function ranked(values: Float64Array, k: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]
    let i = low
    let j = high
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i > j) break
      const held = values[i]
      values[i++] = values[j]
      values[j--] = held
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]
}

/** Adds `weight` times the penalty to the cost, in place. */
export function addPenalty(cost: CostMatrix, penalty: CostMatrix, weight: number): void {
  for (let i = 0; i < cost.rows; i++) {
    addRow(cost.values, penalty.values, i * cost.columns, cost.columns, weight)
  }
}

function addRow(
  to: CostMatrix['values'],
  from: CostMatrix['values'],
  first: number,
  count: number,
  weight: number,
): void {
  for (let k = first; k < first + count; k++) to[k] += weight * from[k]
}
