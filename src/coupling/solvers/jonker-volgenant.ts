import {
  type Assignment,
  type CostMatrix,
  checkCost,
  infeasible,
  inverted,
  totalCost,
  transposed,
} from './assignment-problem.ts'
import { emptyShortlists, type Shortlists, twoBest } from './shortlist.ts'

/**
 * Exact linear assignment by the method of Jonker and Volgenant, "A shortest augmenting path algorithm for
 * dense and sparse linear assignment problems", Computing 38 (1987): column reduction, reduction transfer,
 * augmenting row reduction, then one shortest augmenting path for each row still free. The paths are found in
 * the manner of Crouse, "On implementing 2D rectangular assignment algorithms" (2016). O(n³) at worst.
 *
 * Duals are kept in float64 whatever the costs' type. With forbidden pairs or a rectangular shape the column
 * reduction is skipped: a column that stays free must keep a dual of 0.
 *
 * @throws InputError as `Solver` says
 */
export function jonkerVolgenant(cost: CostMatrix): Assignment {
  const { forbids } = checkCost(cost)
  const wide = cost.rows <= cost.columns
  const problem = wide ? cost : transposed(cost)
  const found = solveWide(problem, forbids)
  const columnOfRow = wide ? found : inverted(found, cost.rows)
  return { columnOfRow, total: totalCost(cost, columnOfRow) }
}

/** Partial solution: `v` are the columns' duals, −1 means free. */
interface Partial {
  readonly v: Float64Array
  readonly columnOf: Int32Array
  readonly rowOf: Int32Array
}

function solveWide(cost: CostMatrix, forbids: boolean): Int32Array {
  const { rows, columns } = cost
  const partial: Partial = {
    v: new Float64Array(columns),
    columnOf: new Int32Array(rows).fill(-1),
    rowOf: new Int32Array(columns).fill(-1),
  }
  if (rows === columns && !forbids) reduceColumns(cost, partial)
  let free = freeRows(partial)
  // Twice, as in the paper: the second pass finds cheap places that the first one's dual changes opened.
  if (!forbids && columns > 1) {
    const shortlists = emptyShortlists(cost.rows, cost.columns)
    for (let pass = 0; pass < 2 && free.length > 0; pass++) free = reduceRows(cost, partial, shortlists, free)
  }
  augment(cost, partial, free)
  return partial.columnOf
}

function freeRows({ columnOf }: Partial): Int32Array {
  const free: number[] = []
  for (let i = 0; i < columnOf.length; i++) if (columnOf[i] < 0) free.push(i)
  return Int32Array.from(free)
}

/**
 * Gives each column its cheapest row while that row is free, then lowers the dual of each column whose row
 * won only it, as far as the row's second choice allows (reduction transfer).
 */
function reduceColumns({ values, rows: n }: CostMatrix, { v, columnOf, rowOf }: Partial): void {
  const cheapest = new Int32Array(n)
  for (let j = 0; j < n; j++) v[j] = values[j]
  for (let i = 1; i < n; i++) {
    const start = i * n
    for (let j = 0; j < n; j++) {
      const c = values[start + j]
      if (c < v[j]) {
        v[j] = c
        cheapest[j] = i
      }
    }
  }
  const wins = new Int32Array(n)
  for (let j = n - 1; j >= 0; j--) {
    const i = cheapest[j]
    if (wins[i]++ === 0) {
      columnOf[i] = j
      rowOf[j] = i
    }
  }
  if (n === 1) return
  for (let i = 0; i < n; i++) {
    if (wins[i] !== 1) continue
    const own = columnOf[i]
    const start = i * n
    let second = Infinity
    for (let j = 0; j < n; j++) {
      const reduced = values[start + j] - v[j]
      if (reduced < second && j !== own) second = reduced
    }
    v[own] -= second
  }
}

/**
 * Augmenting row reduction: each free row takes its best column, whose dual drops until the row's second best
 * is as good; the row that held the column is free again and goes next if the dual really dropped.
 *
 * @returns the rows still free
 */
function reduceRows(
  cost: CostMatrix,
  partial: Partial,
  shortlists: Shortlists,
  queue: Int32Array,
): Int32Array {
  const { v, columnOf, rowOf } = partial
  const stillFree: number[] = []
  // Rounding can make the dual drop by next to nothing for ever; the paths finish what is left.
  let patience = 32 * cost.columns
  for (const first of queue) {
    let i = first
    for (;;) {
      twoBest(cost, v, shortlists, i)
      const { best, second } = shortlists
      let column = shortlists.bestColumn
      const drops = second > best
      if (drops) v[column] -= second - best
      else if (rowOf[column] >= 0) column = shortlists.secondColumn
      const displaced = rowOf[column]
      columnOf[i] = column
      rowOf[column] = i
      if (displaced < 0) break
      columnOf[displaced] = -1
      if (!drops || patience-- <= 0) {
        stillFree.push(displaced)
        break
      }
      i = displaced
    }
  }
  return Int32Array.from(stillFree)
}

/** Joins each free row to a free column along a shortest alternating path (Dijkstra on reduced costs). */
function augment({ values, columns }: CostMatrix, { v, columnOf, rowOf }: Partial, free: Int32Array): void {
  const distance = new Float64Array(columns)
  const previousRow = new Int32Array(columns)
  const scanned = new Int32Array(columns)
  const scannedDistance = new Float64Array(columns)
  const scannedDual = new Float64Array(columns)
  for (const start of free) {
    distance.fill(Infinity)
    let count = 0
    let length = 0
    let offset = 0
    let sink = -1
    for (let i = start; ; ) {
      const base = i * columns
      let lowest = Infinity
      let at = -1
      for (let j = 0; j < columns; j++) {
        const candidate = values[base + j] - v[j] + offset
        let d = distance[j]
        if (candidate < d) {
          distance[j] = d = candidate
          previousRow[j] = i
        }
        // Among equals a free column ends the search at once.
        if (d <= lowest && (d < lowest || rowOf[j] < 0)) {
          lowest = d
          at = j
        }
      }
      if (lowest === Infinity) throw infeasible(start)
      length = lowest
      if (rowOf[at] < 0) {
        sink = at
        break
      }
      i = rowOf[at]
      offset = length - (values[i * columns + at] - v[at])
      scanned[count] = at
      scannedDistance[count] = length
      scannedDual[count++] = v[at]
      // Both infinite, so that the loop above passes over the column without asking whether it was scanned.
      distance[at] = Infinity
      v[at] = -Infinity
    }
    for (let k = 0; k < count; k++) v[scanned[k]] = scannedDual[k] + (scannedDistance[k] - length)
    for (let j = sink; ; ) {
      const row = previousRow[j]
      const next = columnOf[row]
      rowOf[j] = row
      columnOf[row] = j
      if (row === start) break
      j = next
    }
  }
}
