import { z } from 'zod'
import { checkData } from '../checks.ts'
import { costMatrix } from '../cost.ts'
import { defineCoupling } from '../define.ts'
import { drawPartners, entropicPlan } from '../entropic-plan.ts'
import { normalRows } from '../normal-rows.ts'
import { takeRows } from '../pair.ts'
import { cost, count, describe } from '../settings.ts'

/** Columns of the plan sum to 1 within this, on average, unless the iterations run out. */
const TOLERANCE = 1e-3

/**
 * Entropic optimal transport for large batches: the noise of a sample is drawn from its row of the Sinkhorn plan
 * between the batch and as many rows of N(0, I) (Cuturi 2013; as the sampled plans of minibatch OT, Tong et al.,
 * arXiv 2302.00482). A row of noise may serve twice or never, but on average each serves once. With one row it is
 * `independent`; a `regularisation` towards 0 makes it `assignment`, a large one `independent` drawn from the pool.
 */
export const sinkhorn = defineCoupling(
  'sinkhorn',
  {
    cost: cost.default('standardised'),
    regularisation: z
      .number()
      .positive()
      .default(0.1)
      .describe('strength of the entropy, in standard deviations of the costs'),
    iterations: count.default(100).describe('passes of the iteration at most'),
    batches: count.default(1).describe('training batches that share one plan'),
  },
  (settings) => {
    const { regularisation, iterations, batches } = settings
    const name = describe('sinkhorn', settings)
    return {
      name,
      conditionBlind: true,
      poolBatches: batches,
      async couple(data, rng) {
        checkData(name, data)
        const noise = normalRows(rng, data.rows, data.columns)
        if (data.rows === 1) return noise
        const plan = entropicPlan(await costMatrix(settings.cost, data, noise), {
          regularisation,
          iterations,
          tolerance: TOLERANCE,
        })
        return takeRows(noise, drawPartners(plan, rng.fork('partners')))
      },
    }
  },
)
