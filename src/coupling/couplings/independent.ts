import { checkData } from '../checks.ts'
import { defineCoupling } from '../define.ts'
import { normalRows } from '../normal-rows.ts'

/** Vanilla diffusion: noise from N(0, I), blind to the data. */
export const independent = defineCoupling('independent', {}, () => ({
  name: 'independent',
  // It ignores everything, so there is nothing that the noise could betray.
  conditionBlind: false,
  poolBatches: 1,
  async couple(data, rng) {
    checkData('independent', data)
    return normalRows(rng, data.rows, data.columns)
  },
}))
