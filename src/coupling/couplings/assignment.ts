import { checkData } from '../checks.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'
import { assign, takeRows } from '../pair.ts'
import { cost, count, describe, solver } from '../settings.ts'

/**
 * Batch assignment (Immiscible Diffusion, arXiv 2406.12303): noise from N(0, I), permuted so that the summed
 * cost over the batch is least. The noise itself, and so its marginal, is kept exactly; with one row it is
 * `independent`. It ignores the condition: a conditional model should use `local` or `grouped`.
 */
export const assignment = defineCoupling(
  'assignment',
  {
    cost: cost.default('standardised'),
    solver,
    batches: count.default(1).describe('training batches that share one assignment'),
  },
  (settings) => {
    const name = describe('assignment', settings)
    return {
      name,
      conditionBlind: true,
      poolBatches: settings.batches,
      async couple(data, rng) {
        checkData(name, data)
        const noise = normalRows(rng, data.rows, data.columns)
        return takeRows(noise, (await assign(data, noise, settings)).columnOfRow)
      },
    }
  },
)
