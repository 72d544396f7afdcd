import { roundToHalf } from '../half.ts'
import type { Rows } from '../rows.ts'
import { distances } from './distances.ts'
import type { CostMatrix } from './solvers/assignment-problem.ts'
import { standardised } from './statistics.ts'

/** What pairing row i of the data [n, D] with row j of the noise [m, D] costs: float32, [n, m]. */
export type Cost = (data: Rows, noise: Rows) => CostMatrix

/** Unsquared Euclidean distance (Immiscible Diffusion, arXiv 2406.12303). */
export const l2: Cost = (data, noise) => distances(data, noise, false)

/** Squared Euclidean distance: minibatch optimal transport (Tong et al., arXiv 2302.00482). */
export const squared: Cost = (data, noise) => distances(data, noise, true)

/**
 * Unsquared distance of the data, standardised by column over the rows given, to the noise as it is: the form
 * for action chunks (Immiscible Diffusion Policy, arXiv 2610.09369).
 */
export const standardisedL2: Cost = (data, noise) => distances(standardised(data), noise, false)

/** As {@link standardisedL2}, with the noise standardised too: for small cells, whose sample moments stray. */
export const bothStandardisedL2: Cost = (data, noise) =>
  distances(standardised(data), standardised(noise), false)

/**
 * Unsquared distance after scaling both sides by 0.1 and rounding them, and then the distance, to half
 * precision: the quantised assignment of the code released with Immiscible Diffusion. Its many ties are
 * broken by the solver. Values beyond ±655,040 overflow, which the solver reports.
 */
export const half: Cost = (data, noise) => {
  const cost = distances(quantised(data), quantised(noise), false)
  const { values } = cost
  for (let k = 0; k < values.length; k++) values[k] = roundToHalf(values[k])
  return cost
}

function quantised({ values, rows, columns }: Rows): Rows {
  return { values: values.map((value) => roundToHalf(0.1 * value)), rows, columns }
}

/** Costs by the name they have in configs. */
export const COSTS = {
  l2,
  squared,
  standardised: standardisedL2,
  'both-standardised': bothStandardisedL2,
  half,
} as const satisfies Record<string, Cost>

/** Name of a cost. */
export type CostName = keyof typeof COSTS
