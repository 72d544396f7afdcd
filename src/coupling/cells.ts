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
  return inOrder(members, projection)
}

/** Members by ascending key, those of equal keys in the order in which they were. */
function inOrder(members: Int32Array, keys: Float64Array): Int32Array {
  // Numbers alone are sorted a good deal faster than by a function that compares them; each then finds its place.
  const sorted = keys.toSorted()
  const taken = new Int32Array(keys.length)
  const out = new Int32Array(keys.length)
  for (let m = 0; m < keys.length; m++) {
    const key = keys[m]
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle] < key) low = middle + 1
      else high = middle
    }
    out[low + taken[low]++] = members[m]
  }
  return out
}
