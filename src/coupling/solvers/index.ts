import type { Solver } from './assignment-problem.ts'
import { auction } from './auction.ts'
import { jonkerVolgenant } from './jonker-volgenant.ts'
import { type MUNKRES_LIMIT, munkres } from './munkres.ts'

/** Solvers of the linear assignment problem by name. */
export const SOLVERS = {
  'jonker-volgenant': jonkerVolgenant,
  auction,
  munkres,
} as const satisfies Record<string, Solver>

/** Name of a solver. */
export type SolverName = keyof typeof SOLVERS

/** Most rows that `auto` solves exactly: beyond, the auction is faster, and its gap small. */
export const MOST_EXACT = 8192

/** A solver by name, or `auto`: exact up to {@link MOST_EXACT} rows, the auction beyond. */
export type SolverChoice = SolverName | 'auto'

/** The solver that serves for so many rows. */
export function chooseSolver(choice: SolverChoice, rows: number): SolverName {
  if (choice !== 'auto') return choice
  return rows <= MOST_EXACT ? 'jonker-volgenant' : 'auction'
}

export type { Assignment, CostMatrix, Solver } from './assignment-problem.ts'
export {
  type AuctionOptions,
  auction,
  auctionByRows,
  type BoundedAssignment,
  type CostRows,
} from './auction.ts'
export { jonkerVolgenant, type MUNKRES_LIMIT, munkres }
