import type { Rows } from '../rows.ts'
import { COSTS, type CostName, costMatrix, costRows } from './cost.ts'
import {
  auctionByRows,
  type BoundedAssignment,
  chooseSolver,
  SOLVERS,
  type SolverChoice,
} from './solvers/index.ts'
import { takeRows } from './take-rows.ts'

export { takeRows }

/** Most rows whose costs the auction is given as a whole: 256 MiB. */
const MOST_HELD = 8192
/** Numbers of the rows that the auction looks at together. */
const BLOCK = 1 << 22

/** How {@link pair} measures and solves. */
export interface PairOptions {
  readonly cost?: CostName
  readonly solver?: SolverChoice
}

/**
 * Assigns one row of noise to each row of data at the least total cost, with plain loops.
 *
 * @param data [n, D]; only what enters the cost, so of jointly denoised channels only those of the actions
 * @param noise [n, D]
 * @returns the noise row of each data row, a permutation of 0 … n−1
 */
export function pair(data: Rows, noise: Rows, options: PairOptions = {}): Int32Array {
  const { cost = 'standardised', solver = 'jonker-volgenant' } = options
  return SOLVERS[chooseSolver(solver, data.rows)](COSTS[cost](data, noise)).columnOfRow
}

/**
 * {@link pair} for any number of rows: costs are products compiled for the engine where that is faster, and those of
 * more than {@link MOST_HELD} rows are computed when the auction looks at them.
 *
 * @returns the assignment with a bound on the least total: the total itself from an exact solver, and within 0.1 %
 *   of it from the auction
 */
export async function assign(data: Rows, noise: Rows, options: PairOptions = {}): Promise<BoundedAssignment> {
  const { cost = 'standardised', solver = 'jonker-volgenant' } = options
  const name = chooseSolver(solver, data.rows)
  if (name === 'auction' && data.rows > MOST_HELD) {
    return auctionByRows(costRows(cost, data, noise, Math.max(1, Math.floor(BLOCK / data.rows))))
  }
  const found = SOLVERS[name](await costMatrix(cost, data, noise))
  return { bound: found.total, ...found }
}

/**
 * Pairs only within a group of rows, which keep the noise rows of the same numbers among themselves.
 *
 * @param members row numbers of the group
 * @param order written at `members`
 */
export async function pairWithin(
  data: Rows,
  noise: Rows,
  members: Int32Array,
  options: PairOptions,
  order: Int32Array,
): Promise<void> {
  const { columnOfRow } = await assign(takeRows(data, members), takeRows(noise, members), options)
  for (let k = 0; k < members.length; k++) order[members[k]] = members[columnOfRow[k]]
}
