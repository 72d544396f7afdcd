import type { Rows } from '../rows.ts'
import { COSTS, type CostName } from './cost.ts'
import { SOLVERS, type SolverName } from './solvers/index.ts'

/** How {@link pair} measures and solves. */
export interface PairOptions {
  readonly cost?: CostName
  readonly solver?: SolverName
}

/**
 * Assigns one row of noise to each row of data at the least total cost.
 *
 * @param data [n, D]; only what enters the cost, so of jointly denoised channels only those of the actions
 * @param noise [n, D]
 * @returns the noise row of each data row, a permutation of 0 … n−1
 */
export function pair(data: Rows, noise: Rows, options: PairOptions = {}): Int32Array {
  const { cost = 'standardised', solver = 'jonker-volgenant' } = options
  return SOLVERS[solver](COSTS[cost](data, noise)).columnOfRow
}

/** Copies rows: row i of the result is row `order[i]` of `matrix`. */
export function takeRows({ values, columns }: Rows, order: Int32Array): Rows {
  const out = new Float32Array(order.length * columns)
  for (let i = 0; i < order.length; i++) {
    const start = order[i] * columns
    out.set(values.subarray(start, start + columns), i * columns)
  }
  return { values: out, rows: order.length, columns }
}

/**
 * Pairs only within a group of rows, which keep the noise rows of the same numbers among themselves.
 *
 * @param members row numbers of the group
 * @param order written at `members`
 */
export function pairWithin(
  data: Rows,
  noise: Rows,
  members: Int32Array,
  options: PairOptions,
  order: Int32Array,
): void {
  const found = pair(takeRows(data, members), takeRows(noise, members), options)
  for (let k = 0; k < members.length; k++) order[members[k]] = members[found[k]]
}
