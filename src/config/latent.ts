import { z } from 'zod'
import { couplingSchema } from '../coupling/index.ts'
import { processSchema, samplerSchema } from './diffusion.ts'
import { sourceSchema } from './images.ts'
import { trainingSchema } from './training.ts'

const count = z.int().positive()
const seed = z.int().min(0)
const share = z.number().min(0).lt(1)
const path = z.string().min(1)
const widths = z.array(count).min(1)

const ddpm = processSchema.refine(({ type }) => type === 'ddpm', {
  error: 'must be of type ddpm, which Stable Diffusion is',
})

/** Everything that decides how latent diffusion is trained: the `config.json` of a run. */
export const latentSchema = z
  .strictObject({
    $schema: z.string().optional(),
    images: z.strictObject({
      source: sourceSchema.default({ type: 'mnist' }),
      size: count.describe('height and width that images are resized and cropped to'),
      flip: z.boolean().default(false).describe('learn the mirrored images too'),
    }),
    seed: seed.default(0),
    captions: z
      .strictObject({
        path: path.optional().describe("a text file with a line for each class, in the classes' order"),
        template: z.string().default('{}').describe('what stands around the name of a class, at {}'),
        dropout: share.default(0).describe('share of the samples whose caption is empty, for guidance'),
      })
      .prefault({}),
    pipeline: path
      .nullable()
      .default(null)
      .describe('folder of a diffusers pipeline whose autoencoder and text encoder serve; null for own ones'),
    autoencoder: z
      .strictObject({
        widths: widths.default([16, 32, 64]).describe('channels of each level; each but the last halves'),
        layers: count.default(1).describe('residual blocks of each level'),
        groups: count.default(8),
        channels: count.default(4).describe('of latents'),
        divergence: z.number().min(0).default(1e-4).describe('weight of the divergence from N(0, I)'),
        training: trainingSchema.prefault({}),
      })
      .describe('An autoencoder of its own, trained first; where there is no pipeline.')
      .prefault({}),
    text: z
      .strictObject({
        width: count.default(64),
        layers: count.default(2),
        heads: count.default(4),
      })
      .describe('A text encoder of its own, of random weights; where there is no pipeline.')
      .prefault({}),
    denoiser: z
      .strictObject({
        from: z.enum(['scratch', 'pipeline']).default('scratch').describe("fresh weights, or the pipeline's"),
        widths: widths.optional().describe("channels of each level; the pipeline's where absent"),
        layers: count.optional(),
        heads: count.optional(),
        groups: count.optional(),
      })
      .prefault({}),
    latents: z
      .strictObject({
        sample: z.boolean().default(true).describe('draw latents from their posterior, or take its mean'),
        batch: count.default(16).describe('images encoded at once'),
      })
      .prefault({}),
    process: ddpm
      .optional()
      .describe("the pipeline's scheduler where absent, or 1,000 steps of Stable Diffusion's schedule"),
    noiseOffset: z.number().min(0).default(0).describe('of each channel of the noise; 0 for none'),
    sampler: samplerSchema.default({ type: 'ddim', steps: 20, eta: 0 }),
    coupling: couplingSchema.default({ type: 'independent' }),
    training: trainingSchema.prefault({}),
    samples: z
      .strictObject({
        every: count.nullable().default(500).describe('steps between grids of samples; null for none'),
        count: count.default(30).describe('images in a grid'),
        batch: count.default(16).describe('images made at once'),
        guidance: z.number().default(1).describe('1 for none, more exaggerates the class'),
        seed: seed.default(0),
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
  .refine(({ pipeline, denoiser }) => pipeline !== null || denoiser.from === 'scratch', {
    error: 'must be "scratch" where there is no pipeline',
    path: ['denoiser', 'from'],
  })
  .describe('Settings of latent diffusion.')

/** A config as written. */
export type LatentInput = z.input<typeof latentSchema>
/** A config with every default filled in. */
export type LatentConfig = z.infer<typeof latentSchema>
