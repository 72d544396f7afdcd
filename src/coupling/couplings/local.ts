import { InputError } from '../../errors.ts'
import { nearCells } from '../cells.ts'
import { checkData, conditionOf } from '../checks.ts'
import { METRICS, metric } from '../condition-metric.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'
import { pairWithin, takeRows } from '../pair.ts'
import { cost, count, describe, solver } from '../settings.ts'

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
  },
  (settings) => {
    const { cell, pool } = settings
    const name = describe('local', settings)
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
        for (const members of nearCells(METRICS[settings.metric](condition), cell, rng.fork('cells'))) {
          await pairWithin(data, noise, members, settings, order)
        }
        return takeRows(noise, order)
      },
    }
  },
)
