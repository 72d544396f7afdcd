import { z } from 'zod'
import { checkData } from '../checks.ts'
import { defineWrapper } from '../define.ts'

/**
 * Lets another coupling choose as if the data were `factor` times as large: above 1 the direction of the data
 * counts more against the norm of the noise. The data that are diffused stay as they are; to train on larger
 * data (the image scaling of Improved Immiscible Diffusion, arXiv 2505.18521), scale them in the normalizer.
 */
export const scaled = defineWrapper(
  'scaled',
  { factor: z.number().positive().describe('what the data are multiplied by when noise is chosen') },
  ({ factor }, inner) => {
    const name = `scaled(factor=${factor}, ${inner.name})`
    return {
      name,
      conditionBlind: inner.conditionBlind,
      poolBatches: inner.poolBatches,
      async couple(data, rng, context) {
        checkData(name, data)
        return inner.couple({ ...data, values: data.values.map((value) => factor * value) }, rng, context)
      },
    }
  },
)
