import { InputError } from './errors.ts'

/** A dense matrix of float32, row major: row i is `values[i·columns … (i+1)·columns)`. */
export interface Rows {
  readonly values: Float32Array
  readonly rows: number
  readonly columns: number
}

/** Wraps `values` (not copied) as `rows` × `columns`. @throws InputError if the length does not fit. */
export function rows(values: Float32Array, count: number, columns: number): Rows {
  if (values.length !== count * columns) {
    throw new InputError(`${values.length} values do not make ${count} rows of ${columns}; check the shape.`)
  }
  return { values, rows: count, columns }
}

/** A matrix of zeros. */
export function zeroRows(count: number, columns: number): Rows {
  return { values: new Float32Array(count * columns), rows: count, columns }
}

/** A view (no copy) of row `index`. */
export function row(matrix: Rows, index: number): Float32Array {
  return matrix.values.subarray(index * matrix.columns, (index + 1) * matrix.columns)
}
