import { z } from 'zod'

const positive = z.int().positive()
const rate = z.number().min(0).lt(1)

/** Settings of every network that denoises trajectories. */
export const networkSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('mlp'),
      width: positive.default(512).describe('units in each hidden layer'),
      blocks: positive.default(3).describe('residual blocks'),
      timeEmbedding: positive.default(64).describe('width of the embedding of diffusion time'),
      octaves: z
        .int()
        .min(0)
        .default(0)
        .describe('octaves of sines and cosines of the condition, which sharpen small differences'),
    })
    .describe('Residual multilayer perceptron over the flattened chunk; the quickest on small tasks.'),
  z
    .strictObject({
      type: z.literal('temporal-unet'),
      widths: z.array(positive).min(2).default([256, 512, 1024]).describe('channels of each level'),
      kernel: positive.default(5).describe('width of the temporal convolutions, odd'),
      groups: positive.default(8).describe('groups of the group norms'),
      timeEmbedding: positive.default(256).describe('width of the embedding of diffusion time, even'),
      scale: z.boolean().default(true).describe('the condition scales the features as well as shifting them'),
    })
    .describe("Diffusion Policy's ConditionalUnet1D."),
  z
    .strictObject({
      type: z.literal('temporal-transformer'),
      layers: positive.default(8),
      heads: positive.default(4),
      width: positive.default(256).describe('width of the tokens'),
      conditionLayers: z
        .int()
        .min(0)
        .default(0)
        .describe('encoder layers over the observations; 0 for a perceptron'),
      causal: z.boolean().default(true).describe('each action attends to earlier ones only'),
      timeAsCondition: z
        .boolean()
        .default(true)
        .describe('diffusion time joins the observations, not the actions'),
      tokenDropout: rate.default(0),
      layerDropout: rate.default(0.01),
    })
    .describe("Diffusion Policy's TransformerForDiffusion."),
])
