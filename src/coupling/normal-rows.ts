import type { Rng } from '../random/rng.ts'
import { type Rows, zeroRows } from '../rows.ts'

/** Draws standard normal rows, the first row first. */
export function normalRows(rng: Rng, count: number, columns: number): Rows {
  const noise = zeroRows(count, columns)
  rng.fillNormal(noise.values)
  return noise
}
