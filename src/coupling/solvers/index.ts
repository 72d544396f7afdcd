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

export type { Assignment, CostMatrix, Solver } from './assignment-problem.ts'
export {
  type AuctionOptions,
  auction,
  auctionByRows,
  type BoundedAssignment,
  type CostRows,
} from './auction.ts'
export { jonkerVolgenant, type MUNKRES_LIMIT, munkres }
