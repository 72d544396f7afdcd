import { standardised } from '../../src/coupling/statistics.ts'
import type { Rng } from '../../src/random/rng.ts'
import { type Rows, zeroRows } from '../../src/rows.ts'

/**
 * Two interleaved half circles, standardised, and what C2OT (arXiv 2503.10636) conditions them on: the moon, or
 * the horizontal place.
 */
export function moons(
  rng: Rng,
  count: number,
): { readonly data: Rows; readonly place: Rows; readonly moon: Int32Array } {
  const plain = zeroRows(count, 2)
  const moon = Int32Array.from({ length: count }, () => rng.integer(0, 2))
  moon.forEach((which, i) => {
    const angle = Math.PI * rng.uniform()
    const [x, y] =
      which === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)]
    plain.values.set([x + 0.05 * rng.normal(), y + 0.05 * rng.normal()], 2 * i)
  })
  const data = standardised(plain)
  const place = zeroRows(count, 1)
  for (let i = 0; i < count; i++) place.values[i] = data.values[2 * i]
  return { data, place, moon }
}

/** Points of eight narrow Gaussians on a circle. */
export function eightGaussians(rng: Rng, count: number): Rows {
  const out = zeroRows(count, 2)
  for (let i = 0; i < count; i++) {
    const angle = (rng.integer(0, 8) * Math.PI) / 4
    out.values.set(
      [1.5 * Math.cos(angle) + 0.15 * rng.normal(), 1.5 * Math.sin(angle) + 0.15 * rng.normal()],
      2 * i,
    )
  }
  return out
}
