import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'
import { nearCells } from './cells.ts'
import { distances } from './distances.ts'
import { takeRows } from './pair.ts'
import { columnStatistics } from './statistics.ts'

/** Rows among which the nearest are sought, for each of them. */
const CELL = 8

/** A scale counts as at least this share of the column's deviation over all rows. */
const LEAST_SCALE = 1e-3

/**
 * What the place of a sample does not explain of it: (x − m)/s with the mean m and the deviation s of each column
 * over the samples at the nearest other places.
 *
 * @param data [P, D]
 * @param places [P, C], in coordinates whose scales are comparable
 * @param neighbours how many others, from 1 to P − 1
 * @param rng cuts the cells in which the nearest are sought
 * @returns [P, D]
 */
export function residuals(data: Rows, places: Rows, neighbours: number, rng: Rng): Rows {
  const { values, rows, columns } = data
  const { deviation } = columnStatistics(data)
  const out = new Float32Array(values.length)
  const mean = new Float64Array(columns)
  const square = new Float64Array(columns)
  nearestOthers(places, neighbours, rng, (i, others) => {
    mean.fill(0)
    square.fill(0)
    for (const j of others) {
      for (let k = 0; k < columns; k++) {
        // Measured from the sample itself, so that nothing cancels in the squares.
        const value = values[j * columns + k] - values[i * columns + k]
        mean[k] += value
        square[k] += value * value
      }
    }
    for (let k = 0; k < columns; k++) {
      const average = mean[k] / others.length
      const variance = Math.max(0, square[k] / others.length - average * average)
      const scale = Math.max(Math.sqrt(variance), LEAST_SCALE * deviation[k], 1e-6)
      out[i * columns + k] = -average / scale
    }
  })
  return { values: out, rows, columns }
}

/**
 * Calls `visit` with the numbers of the `count` rows nearest to each row, itself excepted, of those in its cell of
 * {@link CELL} times as many near ones: nearly the nearest of all, at a cost that grows with the rows only.
 */
function nearestOthers(
  places: Rows,
  count: number,
  rng: Rng,
  visit: (row: number, others: Int32Array) => void,
): void {
  const nearest = new Int32Array(count)
  const least = new Float64Array(count)
  for (const members of nearCells(places, CELL * count, rng)) {
    const own = takeRows(places, members)
    const { values } = distances(own, own, true)
    for (let i = 0, at = 0; i < members.length; i++) {
      least.fill(Infinity)
      for (let j = 0; j < members.length; j++, at++) {
        const distance = values[at]
        if (distance >= least[count - 1] || j === i) continue
        let k = count - 1
        for (; k > 0 && least[k - 1] > distance; k--) {
          least[k] = least[k - 1]
          nearest[k] = nearest[k - 1]
        }
        least[k] = distance
        nearest[k] = members[j]
      }
      visit(members[i], nearest)
    }
  }
}
