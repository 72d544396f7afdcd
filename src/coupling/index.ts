export { type Activation, activationBy, type Criterion, type Evidence } from './activation.ts'
export type { CostName } from './cost.ts'
export { COSTS } from './cost.ts'
export type { Coupling, CouplingConfig, CouplingContext } from './coupling.ts'
export { after } from './couplings/after.ts'
export { assignment } from './couplings/assignment.ts'
export { grouped } from './couplings/grouped.ts'
export { independent } from './couplings/independent.ts'
export { local } from './couplings/local.ts'
export { nearest } from './couplings/nearest.ts'
export { penalised } from './couplings/penalised.ts'
export { residual } from './couplings/residual.ts'
export { scaled } from './couplings/scaled.ts'
export { sinkhorn } from './couplings/sinkhorn.ts'
export * from './diagnostics/index.ts'
export { nearestCandidates, type ScoreName } from './nearest-candidate.ts'
export { assign, type PairOptions, pair, takeRows } from './pair.ts'
export { COUPLINGS, couplingSchema, createCoupling, WRAPPERS } from './registry.ts'
export type {
  Assignment,
  AuctionOptions,
  BoundedAssignment,
  CostMatrix,
  Solver,
  SolverChoice,
  SolverName,
} from './solvers/index.ts'
export { auction, auctionByRows, jonkerVolgenant, munkres, SOLVERS } from './solvers/index.ts'
