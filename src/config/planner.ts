import { z } from 'zod'
import { couplingSchema } from '../coupling/index.ts'
import { processSchema, samplerSchema } from './diffusion.ts'
import { networkSchema } from './network.ts'
import { trainingSchema } from './training.ts'

const count = z.int().positive()
const seed = z.int().min(0)

/** Everything that decides how a planner is trained: the `config.json` of a run. */
export const plannerSchema = z
  .strictObject({
    $schema: z.string().optional(),
    environment: z.string().describe('name of an environment, or the path of a module that exports one'),
    seed: seed.default(0),
    demonstrations: z
      .strictObject({
        count: count.default(500).describe('expert episodes to collect'),
        seed: seed.default(0),
        mirror: z
          .enum(['none', 'add', 'pairs'])
          .default('none')
          .describe(
            'mirror images of demonstrations: none, as further ones, or each in the same batch as its original',
          ),
        path: z.string().optional().describe('a zarr v2 replay buffer to train on instead of the expert'),
      })
      .prefault({}),
    policy: z
      .strictObject({
        observe: count.default(2).describe('observations the planner sees'),
        plan: count.default(16).describe('actions in a plan, from the first observation seen on'),
        act: count.default(8).describe('actions carried out before planning again'),
        observations: z.enum(['history', 'differences']).default('history'),
        actions: z.enum(['absolute', 'cumulative', 'relative']).default('absolute'),
        normalization: z
          .enum(['limits', 'gaussian'])
          .default('limits')
          .describe('range to [-1, 1], or mean 0 and deviation 1'),
        windows: z
          .enum(['every', 'first'])
          .default('every')
          .describe('windows of a demonstration to train on; first: whole paths planned at once'),
        reference: z
          .array(z.int().min(0))
          .optional()
          .describe('for relative actions: observation coordinates to measure from'),
      })
      .prefault({})
      .refine((policy) => policy.observe - 1 + policy.act <= policy.plan, {
        error: 'must leave act <= plan - observe + 1, or the plan ends before it is carried out',
      }),
    network: networkSchema.default({
      type: 'temporal-unet',
      widths: [64, 128, 256],
      kernel: 5,
      groups: 8,
      timeEmbedding: 256,
      scale: true,
    }),
    process: processSchema.default({ type: 'flow', path: 'linear', times: 'uniform', timeScale: 1000 }),
    sampler: samplerSchema.default({ type: 'euler', steps: 10 }),
    coupling: couplingSchema.default({ type: 'independent' }),
    training: trainingSchema.prefault({}),
    evaluation: z
      .strictObject({
        episodes: count.default(50),
        seed: seed.default(100_000).describe('seed of the first test episode; the others follow'),
      })
      .prefault({}),
    engine: z
      .strictObject({
        name: z.enum(['onnx', 'tfjs']).default('onnx'),
        device: z.string().default('cpu'),
        threads: count.optional().describe('threads of one operation; the default is one for each core'),
      })
      .prefault({}),
  })
  .describe('Settings of a diffusion planner.')

/** A config as written: everything optional but the environment. */
export type PlannerInput = z.input<typeof plannerSchema>
/** A config with every default filled in. */
export type PlannerConfig = z.infer<typeof plannerSchema>
