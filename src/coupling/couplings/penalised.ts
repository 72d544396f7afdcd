import { z } from 'zod'
import { checkData, conditionOf } from '../checks.ts'
import { pairwiseDistances } from '../compiled-distances.ts'
import { METRICS, metric } from '../condition-metric.ts'
import { costMatrix } from '../cost.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'
import { takeRows } from '../pair.ts'
import { addPenalty, penaltyWeight, withoutRounding } from '../penalty.ts'
import { cost, count, describe, solver } from '../settings.ts'
import { chooseSolver, SOLVERS } from '../solvers/index.ts'
import { unitRows } from '../statistics.ts'

/**
 * Assignment with a price on trading noise between samples of unlike conditions (C2OT, arXiv 2503.10636): noise j
 * is drawn for sample j, and sample i may have it at cost(i, j) + w · distance(cᵢ, cⱼ). For each pool, w is set so
 * that a share `ratio` of all pairs costs no more than the sample's own noise: 1 is `assignment`, and towards 0 it
 * becomes `independent`. Conditions that are all equal make it `assignment` over the pool.
 */
export const penalised = defineCoupling(
  'penalised',
  {
    ratio: z
      .number()
      .positive()
      .max(1)
      .default(0.01)
      .describe('share of the pairs that remain at least as good as a sample and its own noise'),
    distance: z
      .enum(['euclidean', 'cosine'])
      .default('euclidean')
      .describe('how unlike two conditions are; cosine suits embeddings'),
    metric,
    batches: count.default(8).describe('training batches that share one assignment'),
    cost: cost.default('standardised'),
    solver,
  },
  (settings) => {
    const name = describe('penalised', settings)
    return {
      name,
      conditionBlind: false,
      poolBatches: settings.batches,
      async couple(data, rng, context) {
        checkData(name, data)
        const condition = conditionOf(name, data, context)
        const noise = normalRows(rng, data.rows, data.columns)
        // Half the squared distance of unit vectors is 1 − cos; a factor does not matter, w takes it up.
        const cosine = settings.distance === 'cosine'
        const places = cosine ? unitRows(condition) : METRICS[settings.metric](condition)
        const apart = withoutRounding(await pairwiseDistances(places, places, cosine))
        const price = await costMatrix(settings.cost, data, noise)
        addPenalty(price, apart, penaltyWeight(price, apart, settings.ratio))
        return takeRows(noise, SOLVERS[chooseSolver(settings.solver, data.rows)](price).columnOfRow)
      },
    }
  },
)
