import { z } from 'zod'

const count = z.int().positive()
const cost = z.enum(['l2', 'squared', 'standardised', 'half']).default('standardised')

/** Settings of every coupling of data and noise. */
export const couplingSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('independent') }).describe('Vanilla diffusion.'),
  z.strictObject({
    type: z.literal('nearest'),
    candidates: count.default(8),
    score: z.enum(['l2', 'inner', 'cosine']).default('l2'),
  }),
  z.strictObject({
    type: z.literal('assignment'),
    cost,
    solver: z.enum(['jonker-volgenant', 'munkres']).default('jonker-volgenant'),
  }),
  z.strictObject({
    type: z.literal('local'),
    cell: count.default(64).describe('samples that share one assignment'),
    pool: count.default(32).describe('batches drawn ahead and cut into cells of near observations'),
    cost,
  }),
])
