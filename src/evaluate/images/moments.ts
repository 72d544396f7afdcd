import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'

/** Mean and covariance of features. */
export interface Moments {
  readonly count: number
  /** [D] */
  readonly mean: Float64Array
  /** Unbiased, [D, D] row by row. */
  readonly covariance: Float64Array
}

/** @throws InputError for fewer than two rows */
export function moments({ values, rows, columns }: Rows): Moments {
  if (rows < 2) throw new InputError(`${rows} samples have no covariance; measure at least 2.`)
  const mean = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j] += values[i * columns + j] / rows
  const covariance = new Float64Array(columns * columns)
  const centred = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) centred[j] = values[i * columns + j] - mean[j]
    for (let j = 0; j < columns; j++) {
      const own = centred[j]
      if (own === 0) continue
      const start = j * columns
      for (let k = 0; k <= j; k++) covariance[start + k] += own * centred[k]
    }
  }
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k <= j; k++) {
      const value = covariance[j * columns + k] / (rows - 1)
      covariance[j * columns + k] = value
      covariance[k * columns + j] = value
    }
  }
  return { count: rows, mean, covariance }
}
