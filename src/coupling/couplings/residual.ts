import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'
import { zeroRows } from '../../rows.ts'
import { checkData, conditionOf } from '../checks.ts'
import { METRICS, metric } from '../condition-metric.ts'
import type { CouplingContext } from '../coupling.ts'
import { defineWrapper } from '../define.ts'
import { residuals } from '../residuals.ts'
import { count } from '../settings.ts'

/**
 * Lets another coupling, `local` by default, choose the noise for what the observation does not explain of a sample:
 * the residual (a − m(o))/s(o), with mean and scale over the samples of a large pool whose observations are nearest.
 * What the observation determines cannot reach the noise then, to second moments. A blind coupling inside, such as
 * `assignment`, brings samples nearer to their noise, but lets it follow how the shape of what is left, such as its
 * number of modes, depends on the observation; within cells of near observations it cannot. The data that are
 * diffused stay as they are.
 */
export const residual = defineWrapper(
  'residual',
  {
    neighbours: count.default(32).describe('nearest observations that give mean and scale'),
    pool: count.default(32).describe('batches drawn ahead, among whose samples the nearest are sought'),
    metric,
  },
  ({ neighbours, pool, metric }, inner) => {
    const name = `residual(neighbours=${neighbours}, pool=${pool}, metric=${metric}, ${inner.name})`
    // A whole number of the inner coupling's pools.
    const parts = Math.ceil(pool / inner.poolBatches)
    return {
      name,
      conditionBlind: false,
      poolBatches: parts * inner.poolBatches,
      async couple(data, rng, context) {
        checkData(name, data)
        const condition = conditionOf(name, data, context)
        if (data.rows <= neighbours) {
          throw new InputError(
            `The coupling ${name} got a pool of ${data.rows} samples for ${neighbours} neighbours of each; raise pool or lower neighbours.`,
          )
        }
        const rest = residuals(data, METRICS[metric](condition), neighbours, rng.fork('cells'))
        const size = inner.poolBatches * context.batchSize
        if (data.rows <= size) return inner.couple(rest, rng, context)
        const noise = zeroRows(data.rows, data.columns)
        for (let first = 0; first < data.rows; first += size) {
          const chosen = await inner.couple(
            part(rest, first, size),
            rng.fork('part', first),
            partOf(context, first, size),
          )
          noise.values.set(chosen.values, first * data.columns)
        }
        return noise
      },
    }
  },
  'local',
)

function part({ values, rows, columns }: Rows, first: number, count: number): Rows {
  const size = Math.min(count, rows - first)
  return { values: values.subarray(first * columns, (first + size) * columns), rows: size, columns }
}

/** The context of the samples from `first` on. */
function partOf(context: CouplingContext, first: number, count: number): CouplingContext {
  const { condition, labels, batchSize, step } = context
  return {
    ...context,
    condition: condition && part(condition, first, count),
    labels: labels?.subarray(first, first + count),
    step: step + Math.floor(first / batchSize),
  }
}
