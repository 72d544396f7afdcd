import type { Rows } from '../../rows.ts'
import { columnStatistics } from '../statistics.ts'

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
  const gram = new Float64Array(d * d)
  const right = new Float64Array(d * c)
  const centred = new Float64Array(d)
  for (let i = 0; i < inputs.rows; i++) {
    for (let k = 0; k < d; k++) centred[k] = inputs.values[i * d + k] - inputMean[k]
    for (let k = 0; k < d; k++) {
      const value = centred[k]
      for (let l = 0; l <= k; l++) gram[k * d + l] += value * centred[l]
      for (let l = 0; l < c; l++) right[k * c + l] += value * (targets.values[i * c + l] - targetMean[l])
    }
  }
  for (let k = 0; k < d; k++) gram[k * d + k] += penalty * inputs.rows
  factorise(gram, d)
  solve(gram, d, right, c)
  return ({ values, rows }) => {
    const out = new Float64Array(rows * c)
    for (let i = 0; i < rows; i++) {
      for (let l = 0; l < c; l++) out[i * c + l] = targetMean[l]
      for (let k = 0; k < d; k++) {
        const value = values[i * d + k] - inputMean[k]
        for (let l = 0; l < c; l++) out[i * c + l] += value * right[k * c + l]
      }
    }
    return out
  }
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
