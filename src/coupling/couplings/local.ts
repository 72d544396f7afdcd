import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'
import { nearCells } from '../cells.ts'
import { checkData, conditionOf } from '../checks.ts'
import { METRICS, metric } from '../condition-metric.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'
import { assign, takeRows } from '../pair.ts'
import { ridgeRegression } from '../ridge.ts'
import { cost, count, describe, solver } from '../settings.ts'

/** Keeps a trend that few samples hardly tell from going through each of them. */
const PENALTY = 0.01

/**
 * Local assignment: a pool of upcoming batches is cut into cells of near conditions, afresh for each pool, and
 * noise from N(0, I) is assigned inside each cell only. The pool's noise is kept exactly and hardly tells the
 * condition, which blind assignment makes it do. One cell is `assignment` over the pool; cells of one sample
 * are `independent`, number for number.
 *
 * Scales of the conditions are those of the pool: a function of the pool alone, so that resuming changes
 * nothing. `whitened` lets every direction of the conditions count alike, so that of two positions in a row
 * their small difference, the velocity, separates cells too; `standardised` scales coordinate by coordinate;
 * `principal` takes the longest directions only, for observations of hundreds of numbers, such as images.
 */
export const local = defineCoupling(
  'local',
  {
    cell: count.default(64).describe('most samples that share one assignment'),
    pool: count.default(32).describe('batches drawn ahead and cut into cells of near conditions'),
    cost: cost.default('both-standardised'),
    metric,
    solver,
    detrend: z
      .boolean()
      .default(false)
      .describe('leave out of the cost what the conditions explain linearly of the samples in a cell'),
  },
  (settings) => {
    const { cell, pool, detrend, ...others } = settings
    // The name of what was there first stays as it was.
    const name = describe('local', { cell, pool, ...others, ...(detrend && { detrend }) })
    return {
      name,
      conditionBlind: false,
      poolBatches: pool,
      async couple(data, rng, context) {
        checkData(name, data)
        const condition = conditionOf(name, data, context)
        if (data.rows < cell) {
          throw new InputError(
            `The coupling ${name} got a pool of ${data.rows} samples for cells of ${cell}; raise pool or lower cell.`,
          )
        }
        const noise = normalRows(rng, data.rows, data.columns)
        const order = new Int32Array(data.rows)
        const places = METRICS[settings.metric](condition)
        for (const members of nearCells(places, cell, rng.fork('cells'))) {
          const samples = takeRows(data, members)
          const compared = detrend ? detrended(samples, takeRows(places, members)) : samples
          const { columnOfRow } = await assign(compared, takeRows(noise, members), settings)
          for (let k = 0; k < members.length; k++) order[members[k]] = members[columnOfRow[k]]
        }
        return takeRows(noise, order)
      },
    }
  },
)

/** Samples less what their places explain linearly of them. */
function detrended(samples: Rows, places: Rows): Rows {
  const explained = ridgeRegression(places, samples, PENALTY)(places)
  return { ...samples, values: samples.values.map((value, at) => value - explained[at]) }
}
