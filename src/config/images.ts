import { z } from 'zod'
import { couplingSchema } from '../coupling/index.ts'
import { processSchema, samplerSchema } from './diffusion.ts'
import { trainingSchema } from './training.ts'

const count = z.int().positive()
const seed = z.int().min(0)
const share = z.number().min(0).lt(1)
const path = z.string().min(1)

/** Where images come from. */
export const sourceSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('mnist') }).describe('10,000 digits of an npm package; nothing to fetch.'),
  z
    .strictObject({ type: z.literal('idx'), images: path, labels: path.optional() })
    .describe('Files of MNIST or Fashion-MNIST, plain or gzipped.'),
  z.strictObject({ type: z.literal('cifar10'), path }).describe("CIFAR-10's binary version."),
  z
    .strictObject({
      type: z.literal('folder'),
      path,
      colors: z.union([z.literal(1), z.literal(3)]).default(3),
      strict: z.boolean().default(false).describe('an unreadable image is an error, not left out'),
    })
    .describe('A folder of images, or of one folder a class.'),
])

/** Everything that decides how an image generator is trained: the `config.json` of a run. */
export const imageSchema = z
  .strictObject({
    $schema: z.string().optional(),
    images: z.strictObject({
      source: sourceSchema.default({ type: 'mnist' }),
      size: count.optional().describe('height and width that images are resized and cropped to'),
      flip: z.boolean().default(false).describe('mirror half of the images, differently each time'),
      scale: z.number().positive().default(1).describe('numbers of a pixel go from -scale to scale'),
    }),
    seed: seed.default(0),
    classes: z
      .strictObject({
        dropout: share.default(0.1).describe('share of the samples whose class is withheld, for guidance'),
        guidance: z.number().default(1).describe('of samples: 1 for none, more exaggerates the class'),
      })
      .nullable()
      .default(null)
      .describe('whether the network is told the class; null for not'),
    network: z
      .strictObject({
        type: z.literal('image-unet'),
        base: count.default(32).describe('channels of the first level, a multiple of 32'),
        multiples: z.array(count).min(1).default([1, 2]).describe('channels of each level, times base'),
        blocks: count.default(1).describe('residual blocks at each level'),
        attention: z.array(count).default([]).describe('heights of the levels that attend'),
        heads: count.default(1),
        headWidth: count.optional().describe('channels of a head, instead of their number'),
        dropout: share.default(0),
        scale: z.boolean().default(false).describe('time scales the features besides shifting them'),
      })
      .describe("torchcfm's UNetModel.")
      .prefault({ type: 'image-unet' }),
    process: processSchema.prefault({ type: 'flow', timeScale: 1 }),
    sampler: samplerSchema.default({ type: 'euler', steps: 50 }),
    coupling: couplingSchema.default({ type: 'independent' }),
    training: trainingSchema.prefault({}),
    samples: z
      .strictObject({
        every: count.nullable().default(500).describe('steps between grids of samples; null for none'),
        count: count.default(64).describe('images in a grid'),
        seed: seed.default(0),
      })
      .prefault({}),
    evaluation: z
      .strictObject({
        count: count.default(1000).describe('samples that are measured'),
        seed: seed.default(100_000),
        features: z
          .string()
          .default('pixels')
          .describe(
            'pixels, classifier (trained on the images), or the path of a feature extractor as .onnx',
          ),
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
  .describe('Settings of an image generator.')

/** A config as written. */
export type ImageInput = z.input<typeof imageSchema>
/** A config with every default filled in. */
export type ImageConfig = z.infer<typeof imageSchema>
