import type { Rows } from '../rows.ts'
import { columnStatistics, standardised } from './statistics.ts'

/**
 * Linear coordinates in which the rows have mean 0 and covariance I: L⁻¹(x − mean) with the pivoted Cholesky
 * factor L of the correlations. Which square root of the covariance is taken does not matter to anything that
 * looks at random directions only. Columns that the others explain (to 1e-6 of their variance) are dropped,
 * so the result has as many columns as the rows have dimensions, and one of zeros if all rows are equal.
 */
export function whitened(matrix: Rows): Rows {
  const scaled = standardised(matrix)
  const { values, rows, columns } = scaled
  const constant = columnStatistics(matrix).deviation
  // `basis` holds the whitened columns found so far; what is left of the others is their residual.
  const residual = Float64Array.from(values)
  const found: Float64Array[] = []
  const remaining = Array.from(constant.keys()).filter((k) => constant[k] > 1e-6)
  while (remaining.length > 0) {
    let pivot = 0
    let largest = -1
    remaining.forEach((k, at) => {
      const variance = meanSquare(residual, rows, columns, k)
      if (variance > largest) {
        largest = variance
        pivot = at
      }
    })
    if (largest < 1e-6) break
    const [chosen] = remaining.splice(pivot, 1)
    const scale = 1 / Math.sqrt(largest)
    const direction = Float64Array.from({ length: rows }, (_, i) => residual[i * columns + chosen] * scale)
    for (const k of remaining) project(residual, rows, columns, k, direction)
    found.push(direction)
  }
  if (found.length === 0) return { values: new Float32Array(rows), rows, columns: 1 }
  const out = new Float32Array(rows * found.length)
  found.forEach((direction, k) => {
    for (let i = 0; i < rows; i++) out[i * found.length + k] = direction[i]
  })
  return { values: out, rows, columns: found.length }
}

function meanSquare(values: Float64Array, rows: number, columns: number, k: number): number {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += values[i * columns + k] ** 2
  return sum / rows
}

/** Takes out of column k what `direction` (of variance 1) explains. */
function project(values: Float64Array, rows: number, columns: number, k: number, direction: Float64Array) {
  let along = 0
  for (let i = 0; i < rows; i++) along += values[i * columns + k] * direction[i]
  along /= rows
  for (let i = 0; i < rows; i++) values[i * columns + k] -= along * direction[i]
}
