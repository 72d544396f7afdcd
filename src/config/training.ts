import { z } from 'zod'

const count = z.int().positive()
const share = z.number().min(0).lt(1)

const fields = z.strictObject({
  steps: count.default(10_000),
  batch: count.default(256),
  accumulate: count
    .default(1)
    .describe('parts that a batch is cut into, so that it needs less memory; the result is the same'),
  learningRate: z.number().positive().default(1e-4),
  decay: z
    .enum(['cosine', 'linear', 'constant'])
    .default('cosine')
    .describe('how the learning rate falls after warm-up'),
  warmup: z.int().min(0).default(500).describe('steps over which the learning rate rises from 0'),
  betas: z.tuple([share, share]).default([0.95, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(1e-6),
  clip: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('largest global norm of the gradient; null for none'),
  averagePower: z.number().positive().default(0.75).describe('power of the moving average of the weights'),
  averageMax: share.default(0.9999).describe('largest decay of the moving average'),
  logEvery: count.default(50).describe('steps averaged into one line of metrics'),
  validateEvery: count.default(500),
  diagnoseEvery: count
    .nullable()
    .default(1000)
    .describe('steps between looks at how the coupling chooses noise; null for none'),
  evaluateEvery: count
    .nullable()
    .default(null)
    .describe('steps between rollouts; null for none while training'),
  checkpointEvery: count.default(1000),
  keepBest: z.int().min(0).default(3).describe('checkpoints kept for their evaluation, besides the latest'),
  validationShare: share.default(0.02).describe('share of the episodes held out'),
})

/** Settings of the optimizer, the schedule and the loop; the same for planners and image generators. */
export const trainingSchema = fields.refine(({ batch, accumulate }) => batch % accumulate === 0, {
  path: ['accumulate'],
  message: 'must cut training.batch into equal parts',
})

/** Resolved settings of a training loop. */
export type TrainingSettings = z.infer<typeof trainingSchema>
