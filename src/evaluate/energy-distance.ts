import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'

/**
 * The energy distance 2·E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖ of the distributions behind two samples (Székely and
 * Rizzo 2013), which is 0 where they are the same. Without bias, so the estimate may fall below 0.
 *
 * @param a [n, D], n ≥ 2
 * @param b [m, D], m ≥ 2
 * @throws InputError for fewer rows or other widths
 */
export function energyDistance(a: Rows, b: Rows): number {
  if (a.columns !== b.columns || a.rows < 2 || b.rows < 2) {
    throw new InputError(
      `The energy distance of ${a.rows} × ${a.columns} and ${b.rows} × ${b.columns} numbers is not defined; give two samples of at least 2 rows of one width.`,
    )
  }
  const between = sumOfDistances(a, b) / (a.rows * b.rows)
  return 2 * between - meanWithin(a) - meanWithin(b)
}

function meanWithin(a: Rows): number {
  return sumOfDistances(a, a) / (a.rows * (a.rows - 1))
}

function sumOfDistances(a: Rows, b: Rows): number {
  const { columns } = a
  let total = 0
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let sum = 0
      for (let k = 0; k < columns; k++) sum += (a.values[i * columns + k] - b.values[j * columns + k]) ** 2
      total += Math.sqrt(sum)
    }
  }
  return total
}
