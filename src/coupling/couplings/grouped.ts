import { checkData, labelsOf } from '../checks.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'
import { pairWithin, takeRows } from '../pair.ts'
import { cost, count, describe, solver } from '../settings.ts'

/**
 * Assignment inside classes: each sample trades noise only with samples of its own label, so that the noise
 * does not tell the label (C2OT, arXiv 2503.10636, with an infinite distance across classes). One label for
 * all is `assignment`; labels that all differ make it `independent`.
 */
export const grouped = defineCoupling(
  'grouped',
  {
    cost: cost.default('standardised'),
    batches: count.default(8).describe('training batches whose equal labels share an assignment'),
    solver,
  },
  (settings) => {
    const name = describe('grouped', settings)
    return {
      name,
      conditionBlind: false,
      poolBatches: settings.batches,
      async couple(data, rng, context) {
        checkData(name, data)
        const labels = labelsOf(name, data, context)
        const noise = normalRows(rng, data.rows, data.columns)
        const order = new Int32Array(data.rows)
        for (const members of membersOf(labels)) await pairWithin(data, noise, members, settings, order)
        return takeRows(noise, order)
      },
    }
  },
)

/** The row numbers of each label, ascending. */
function membersOf(labels: Int32Array): Int32Array[] {
  const groups = new Map<number, number[]>()
  labels.forEach((label, i) => {
    const group = groups.get(label)
    if (group) group.push(i)
    else groups.set(label, [i])
  })
  return [...groups.values()].map((group) => Int32Array.from(group))
}
