import { z } from 'zod'
import type { CostName } from './cost.ts'
import { COSTS } from './cost.ts'
import { SOLVERS, type SolverName } from './solvers/index.ts'

/** A whole number of at least 1. */
export const count = z.int().positive()

/** What an assignment minimises; see `cost.ts`. */
export const cost = z.enum(Object.keys(COSTS) as [CostName, ...CostName[]])

/** Which solver of the assignment problem serves. */
export const solver = z
  .enum(['auto', ...(Object.keys(SOLVERS) as SolverName[])])
  .default('jonker-volgenant')
  .describe(
    'exact; auto: exact up to 8,192 rows, the auction beyond; auction: within 0.1 % of the optimum; munkres: for few rows',
  )

/** `nearest(candidates=8, score=l2)` */
export function describe(type: string, settings: object): string {
  const shown = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  return shown.length === 0 ? type : `${type}(${shown.join(', ')})`
}
