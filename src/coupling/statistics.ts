import type { Rows } from '../rows.ts'

/** Mean and population standard deviation of each column, [D] each. */
export interface ColumnStatistics {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** Two passes in float64, so that a constant column has a deviation of exactly 0 wherever its mean is exact. */
export function columnStatistics({ values, rows, columns }: Rows): ColumnStatistics {
  const mean = new Float64Array(columns)
  const deviation = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) mean[k] += values[i * columns + k]
  for (let k = 0; k < columns; k++) mean[k] /= rows
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) deviation[k] += (values[i * columns + k] - mean[k]) ** 2
  }
  for (let k = 0; k < columns; k++) deviation[k] = Math.sqrt(deviation[k] / rows)
  return { mean, deviation }
}

/** Each column less its mean, divided by its population standard deviation, which counts as 1e-6 at least. */
export function standardised(matrix: Rows): Rows {
  const { values, rows, columns } = matrix
  const { mean, deviation } = columnStatistics(matrix)
  const out = new Float32Array(values.length)
  for (let i = 0, at = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++, at++) {
      out[at] = (values[at] - mean[k]) / Math.max(deviation[k], 1e-6)
    }
  }
  return { values: out, rows, columns }
}

/** Each row divided by its Euclidean norm; rows of zeros stay. */
export function unitRows({ values, rows, columns }: Rows): Rows {
  const out = new Float32Array(values.length)
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let k = i * columns; k < (i + 1) * columns; k++) sum += values[k] ** 2
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0
    for (let k = i * columns; k < (i + 1) * columns; k++) out[k] = scale * values[k]
  }
  return { values: out, rows, columns }
}
