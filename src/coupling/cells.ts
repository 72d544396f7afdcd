import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

/**
 * Cuts rows into cells of near ones by recursive bisection: project the cell's centred rows Z on the random
 * direction Zᵀg, g ~ N(0, I), which leans towards where the cell is long, and split at the median. Ties fall
 * at random. With `rows` a power of two times `size`, every cell has exactly `size` rows; else the fewest
 * cells of at most `size`, as equal as can be.
 *
 * @param points [P, C], in coordinates whose scales are comparable
 * @param size most rows in a cell, at least 1
 * @returns the row numbers of each cell in ascending order
 */
export function nearCells(points: Rows, size: number, rng: Rng): Int32Array[] {
  // Sorting is stable, so rows with equal projections keep this order.
  const order = rng.permutation(points.rows)
  const cells: Int32Array[] = []
  const split = (members: Int32Array, count: number): void => {
    if (count <= 1) {
      cells.push(members.toSorted())
      return
    }
    const sorted = sortedAlong(points, members, rng)
    const before = count >> 1
    const middle = Math.round((members.length * before) / count)
    split(sorted.subarray(0, middle), before)
    split(sorted.subarray(middle), count - before)
  }
  split(order, Math.ceil(points.rows / size))
  return cells
}

function sortedAlong({ values, columns }: Rows, members: Int32Array, rng: Rng): Int32Array {
  const centre = new Float64Array(columns)
  for (const i of members) for (let k = 0; k < columns; k++) centre[k] += values[i * columns + k]
  for (let k = 0; k < columns; k++) centre[k] /= members.length
  const direction = new Float64Array(columns)
  for (const i of members) {
    const weight = rng.normal()
    for (let k = 0; k < columns; k++) direction[k] += weight * (values[i * columns + k] - centre[k])
  }
  const projection = new Float64Array(members.length)
  for (let m = 0; m < members.length; m++) {
    for (let k = 0; k < columns; k++) projection[m] += direction[k] * values[members[m] * columns + k]
  }
  return Int32Array.from(members.keys())
    .sort((a, b) => projection[a] - projection[b])
    .map((m) => members[m])
}
