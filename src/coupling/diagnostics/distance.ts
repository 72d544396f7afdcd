import type { Rng } from '../../random/rng.ts'
import type { Rows } from '../../rows.ts'
import { normalRows } from '../normal-rows.ts'

/**
 * Mean distance of data to its chosen noise over that to independent noise: 1 for no coupling, less for one.
 *
 * @param data [P, D]
 * @param noise [P, D]
 * @param rng draws the independent noise
 */
export function relativeDistance(data: Rows, noise: Rows, rng: Rng): number {
  return meanDistance(data, noise) / meanDistance(data, normalRows(rng, data.rows, data.columns))
}

function meanDistance(a: Rows, b: Rows): number {
  let total = 0
  for (let i = 0; i < a.rows; i++) {
    let sum = 0
    for (let k = i * a.columns; k < (i + 1) * a.columns; k++) sum += (a.values[k] - b.values[k]) ** 2
    total += Math.sqrt(sum)
  }
  return total / a.rows
}
