import { InputError } from '../../errors.ts'

/** A dense cost matrix, row major: pairing row i with column j costs `values[i·columns + j]`. */
export interface CostMatrix {
  /** `+Infinity` forbids a pair; `NaN` and `−Infinity` are errors. */
  readonly values: Float32Array | Float64Array
  readonly rows: number
  readonly columns: number
}

/** Pairs of rows and columns, each used at most once, as many as the shorter side has. */
export interface Assignment {
  /** The column of each row, [rows]; −1 for a row that is left over because there are more rows than columns. */
  readonly columnOfRow: Int32Array
  /** Sum of the chosen costs. */
  readonly total: number
}

/**
 * Solves a linear assignment problem: exactly, unless the solver states how near it comes.
 *
 * @throws InputError for an entry that is NaN or −Infinity (naming its row and column), for a shape that
 *   does not fit, and where `+Infinity` entries leave no complete assignment
 */
export type Solver = (cost: CostMatrix) => Assignment

/** What {@link checkCost} found. */
export interface CostCheck {
  /** Whether some pair is forbidden. */
  readonly forbids: boolean
}

/**
 * Checks the shape and every entry of a cost matrix.
 *
 * @throws InputError as {@link Solver} says
 */
export function checkCost({ values, rows, columns }: CostMatrix): CostCheck {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1) {
    throw new InputError(
      `An assignment of ${rows} rows to ${columns} columns is empty; give at least one each.`,
    )
  }
  if (values.length !== rows * columns) {
    throw new InputError(
      `The cost matrix has ${values.length} entries, not ${rows} times ${columns}; check its shape.`,
    )
  }
  let forbids = false
  for (let k = 0; k < values.length; k++) {
    const c = values[k]
    // One comparison for every good entry: NaN and both infinities fail it.
    if (c - c === 0) continue
    if (c === Infinity) {
      forbids = true
      continue
    }
    const i = Math.floor(k / columns)
    throw new InputError(
      `The cost of row ${i}, column ${k - i * columns} is ${c}; give a number, or Infinity to forbid the pair.`,
    )
  }
  return { forbids }
}

/** The error of a problem whose forbidden pairs leave `row` without a partner. */
export function infeasible(row: number): InputError {
  return new InputError(
    `The forbidden (infinite) costs leave no complete assignment: nothing is left for row ${row}; allow more pairs.`,
  )
}

/** Sum of the chosen entries. */
export function totalCost({ values, columns }: CostMatrix, columnOfRow: Int32Array): number {
  let total = 0
  for (let i = 0; i < columnOfRow.length; i++) {
    if (columnOfRow[i] >= 0) total += values[i * columns + columnOfRow[i]]
  }
  return total
}

/** The same problem with rows and columns exchanged (copied). */
export function transposed({ values, rows, columns }: CostMatrix): CostMatrix {
  const out =
    values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]
  }
  return { values: out, rows: columns, columns: rows }
}

/** Turns "row of each column" into "column of each row"; −1 where there is none. */
export function inverted(rowOfColumn: Int32Array, rows: number): Int32Array {
  const columnOfRow = new Int32Array(rows).fill(-1)
  for (let j = 0; j < rowOfColumn.length; j++) {
    if (rowOfColumn[j] >= 0) columnOfRow[rowOfColumn[j]] = j
  }
  return columnOfRow
}
