import { z } from 'zod'
import { defineWrapper } from '../define.ts'
import { independent } from './independent.ts'

/**
 * Independent noise until training step `step`, then another coupling: late activation, as Immiscible
 * Diffusion Policy (arXiv 2610.09369) trains. A pool is decided as a whole, by its first batch.
 */
export const after = defineWrapper(
  'after',
  { step: z.int().min(0).describe('first training step with the coupling') },
  ({ step }, inner) => {
    const before = independent()
    return {
      name: `after(step=${step}, ${inner.name})`,
      conditionBlind: inner.conditionBlind,
      poolBatches: inner.poolBatches,
      couple: (data, rng, context) => (context.step < step ? before : inner).couple(data, rng, context),
    }
  },
)
