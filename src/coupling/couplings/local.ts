import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'
import { createBalance } from '../balance.ts'
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
 * Conditions still vary within a cell, and what samples follow of that, their noise follows too. So the cells are
 * balanced: each makes up for what the noise of the cells before it has told (see {@link createBalance}), which
 * leaves most of the nearness that larger cells give; `detrend` takes out all that conditions explain linearly of
 * the samples in a cell, and with it more of the nearness.
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
    balance: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('how strongly cells make up for what the noise of those before them tells; 0: not at all'),
  },
  (settings) => {
    const { cell, pool, detrend, balance, ...others } = settings
    // The name of what was there first stays as it was.
    const later = { ...(detrend && { detrend }), ...(balance > 0 && { balance }) }
    const name = describe('local', { cell, pool, ...others, ...later })
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
        const balanced = createBalance(balance, data.columns, places.columns)
        for (const members of nearCells(places, cell, rng.fork('cells'))) {
          const there = takeRows(places, members)
          const samples = takeRows(data, members)
          const compared = balanced.shifted(detrend ? detrended(samples, there) : samples, there)
          const own = takeRows(noise, members)
          const { columnOfRow } = await assign(compared, own, settings)
          for (let k = 0; k < members.length; k++) order[members[k]] = members[columnOfRow[k]]
          balanced.count(own, columnOfRow, there)
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
