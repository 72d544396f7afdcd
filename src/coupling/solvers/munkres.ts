import computeMunkres from 'munkres-js'
import { InputError } from '../../errors.ts'
import { type Assignment, type CostMatrix, checkCost, infeasible, totalCost } from './assignment-problem.ts'

/** Most rows or columns that {@link munkres} takes: its time grows steeply, to seconds soon after. */
export const MUNKRES_LIMIT = 64

/**
 * Exact linear assignment by the Kuhn–Munkres (Hungarian) method of the package `munkres-js`: slow, but
 * written by others, so it serves as the oracle of the other solvers.
 *
 * @throws InputError as `Solver` says, for more than {@link MUNKRES_LIMIT} rows or columns, and for forbidden
 *   pairs, which the package cannot express
 */
export function munkres(cost: CostMatrix): Assignment {
  const { forbids } = checkCost(cost)
  const { values, rows, columns } = cost
  if (rows > MUNKRES_LIMIT || columns > MUNKRES_LIMIT) {
    throw new InputError(
      `The solver munkres takes at most ${MUNKRES_LIMIT} rows and columns, not ${rows} by ${columns}; use jonker-volgenant.`,
    )
  }
  if (forbids) {
    const at = values.indexOf(Infinity)
    throw new InputError(
      `The solver munkres cannot forbid a pair, but row ${Math.floor(at / columns)}, column ${at % columns} costs Infinity; use jonker-volgenant.`,
    )
  }
  const matrix = Array.from({ length: rows }, (_, i) =>
    Array.from(values.subarray(i * columns, (i + 1) * columns)),
  )
  const columnOfRow = new Int32Array(rows).fill(-1)
  for (const [i, j] of computeMunkres(matrix)) columnOfRow[i] = j
  const paired = columnOfRow.reduce((count, j) => count + (j >= 0 ? 1 : 0), 0)
  if (paired < Math.min(rows, columns)) throw infeasible(columnOfRow.indexOf(-1))
  return { columnOfRow, total: totalCost(cost, columnOfRow) }
}
