import { roundToHalf } from '../half.ts'
import type { Rows } from '../rows.ts'
import { blockDistances, pairwiseDistances } from './compiled-distances.ts'
import { distances } from './distances.ts'
import type { CostMatrix } from './solvers/assignment-problem.ts'
import type { CostRows } from './solvers/auction.ts'
import { standardised } from './statistics.ts'
import { takeRows } from './take-rows.ts'

/** What pairing row i of the data [n, D] with row j of the noise [m, D] costs: float32, [n, m]. */
export type Cost = (data: Rows, noise: Rows) => CostMatrix

/** A cost as a distance of what is made of both sides, and what is made of that. */
interface Form {
  readonly data?: (rows: Rows) => Rows
  readonly noise?: (rows: Rows) => Rows
  readonly squared?: boolean
  readonly last?: (distance: number) => number
}

/** Costs by the name they have in configs. */
const FORMS = {
  /** Unsquared Euclidean distance (Immiscible Diffusion, arXiv 2406.12303). */
  l2: {},
  /** Squared Euclidean distance: minibatch optimal transport (Tong et al., arXiv 2302.00482). */
  squared: { squared: true },
  /**
   * Unsquared distance of the data, standardised by column over the rows given, to the noise as it is: the form
   * for action chunks (Immiscible Diffusion Policy, arXiv 2610.09369).
   */
  standardised: { data: standardised },
  /** The same with the noise standardised too: for small cells, whose sample moments stray. */
  'both-standardised': { data: standardised, noise: standardised },
  /**
   * Unsquared distance after scaling both sides by 0.1 and rounding them, and then the distance, to half
   * precision: the quantised assignment of the code released with Immiscible Diffusion. Its many ties are
   * broken by the solver. Values beyond ±655,040 overflow, which the solver reports.
   */
  half: { data: quantised, noise: quantised, last: roundToHalf },
} as const satisfies Record<string, Form>

/** Name of a cost. */
export type CostName = keyof typeof FORMS

/** Costs by name, computed at once, by plain loops. */
export const COSTS = Object.fromEntries(
  Object.entries<Form>(FORMS).map(([name, form]) => [
    name,
    (data: Rows, noise: Rows) => {
      const { a, b } = sides(form, data, noise)
      return rounded(form, distances(a, b, form.squared ?? false))
    },
  ]),
) as Record<CostName, Cost>

/** The same, with a compiled product where that is faster; see {@link pairwiseDistances}. */
export async function costMatrix(name: CostName, data: Rows, noise: Rows): Promise<CostMatrix> {
  const form: Form = FORMS[name]
  const { a, b } = sides(form, data, noise)
  return rounded(form, await pairwiseDistances(a, b, form.squared ?? false))
}

/**
 * The same, some rows at a time, for problems too large to hold.
 *
 * @param block rows that are asked for at once, at most
 */
export function costRows(name: CostName, data: Rows, noise: Rows, block: number): CostRows {
  const form: Form = FORMS[name]
  const { a, b } = sides(form, data, noise)
  const measure = blockDistances(b, form.squared ?? false, block)
  return {
    size: data.rows,
    async costs(numbers) {
      const values = await measure(takeRows(a, numbers))
      return rounded(form, { values, rows: numbers.length, columns: b.rows }).values as Float32Array
    },
  }
}

function sides({ data: ofData, noise: ofNoise }: Form, data: Rows, noise: Rows): { a: Rows; b: Rows } {
  return { a: ofData ? ofData(data) : data, b: ofNoise ? ofNoise(noise) : noise }
}

function rounded({ last }: Form, cost: CostMatrix): CostMatrix {
  const { values } = cost
  if (last) for (let k = 0; k < values.length; k++) values[k] = last(values[k])
  return cost
}

function quantised({ values, rows, columns }: Rows): Rows {
  return { values: values.map((value) => roundToHalf(0.1 * value)), rows, columns }
}
