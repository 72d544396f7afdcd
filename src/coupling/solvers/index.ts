import type { Solver } from './assignment-problem.ts'
import { jonkerVolgenant } from './jonker-volgenant.ts'
import { type MUNKRES_LIMIT, munkres } from './munkres.ts'

/** Solvers of the linear assignment problem by name. */
export const SOLVERS = {
  'jonker-volgenant': jonkerVolgenant,
  munkres,
} as const satisfies Record<string, Solver>

/** Name of a solver. */
export type SolverName = keyof typeof SOLVERS

export type { Assignment, CostMatrix, Solver } from './assignment-problem.ts'
export { jonkerVolgenant, type MUNKRES_LIMIT, munkres }
