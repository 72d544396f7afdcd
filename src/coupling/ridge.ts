import type { Rows } from '../rows.ts'
import { innerProducts } from './distances.ts'
import { columnStatistics } from './statistics.ts'

/**
 * Linear least squares with an intercept, the weights shrunk by `penalty` times their squares per row, by the
 * normal equations and a Cholesky factorisation.
 *
 * @param inputs [n, D]
 * @param targets [n, C]
 * @param penalty above 0, so that the equations always have one solution
 * @returns predicts the targets, [m, C] row major, of m other inputs
 */
export function ridgeRegression(
  inputs: Rows,
  targets: Rows,
  penalty: number,
): (inputs: Rows) => Float64Array {
  const d = inputs.columns
  const c = targets.columns
  const inputMean = columnStatistics(inputs).mean
  const targetMean = columnStatistics(targets).mean
  const across = transposed(inputs, inputMean)
  const gram = Float64Array.from(innerProducts(across, across).values)
  const right = Float64Array.from(innerProducts(across, transposed(targets, targetMean)).values)
  for (let k = 0; k < d; k++) gram[k * d + k] += penalty * inputs.rows
  factorise(gram, d)
  solve(gram, d, right, c)
  const weights = transposed({ values: Float32Array.from(right), rows: d, columns: c }, new Float64Array(c))
  return (others) => {
    const centred = others.values.map((value, at) => value - inputMean[at % d])
    const { values } = innerProducts({ ...others, values: centred }, weights)
    return Float64Array.from(values, (value, at) => value + targetMean[at % c])
  }
}

/** Columns as rows, less `mean`. */
function transposed({ values, rows, columns }: Rows, mean: Float64Array): Rows {
  const out = new Float32Array(values.length)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) out[k * rows + i] = values[i * columns + k] - mean[k]
  }
  return { values: out, rows: columns, columns: rows }
}

/** Turns the lower triangle of a positive definite matrix into its Cholesky factor. */
function factorise(a: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = a[k * n + l]
      for (let m = 0; m < l; m++) sum -= a[k * n + m] * a[l * n + m]
      a[k * n + l] = k === l ? Math.sqrt(sum) : sum / a[l * n + l]
    }
  }
}

/** Solves L·Lᵀ·X = B in place of B, [n, c]. */
function solve(l: Float64Array, n: number, b: Float64Array, c: number): void {
  for (let j = 0; j < c; j++) {
    for (let k = 0; k < n; k++) {
      let sum = b[k * c + j]
      for (let m = 0; m < k; m++) sum -= l[k * n + m] * b[m * c + j]
      b[k * c + j] = sum / l[k * n + k]
    }
    for (let k = n - 1; k >= 0; k--) {
      let sum = b[k * c + j]
      for (let m = k + 1; m < n; m++) sum -= l[m * n + k] * b[m * c + j]
      b[k * c + j] = sum / l[k * n + k]
    }
  }
}
