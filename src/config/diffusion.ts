import { z } from 'zod'

const positive = z.int().positive()
const minSnr = z
  .number()
  .positive()
  .nullable()
  .default(null)
  .describe('γ of the min-SNR loss weight min(SNR, γ)/SNR; null for none')

/** Settings of every process that mixes data and noise. */
export const processSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('ddpm'),
      steps: positive.default(100).describe('training steps of the chain'),
      schedule: z
        .enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'cosine'])
        .default('squaredcos_cap_v2'),
      prediction: z.enum(['epsilon', 'sample', 'velocity']).default('epsilon'),
      clip: z.boolean().default(true).describe('clip predicted data to [-1, 1] while sampling'),
      clipRange: z.number().positive().optional().describe('bound of clipped data, if not 1'),
      minSnr,
    })
    .describe('Denoising diffusion (Ho et al. 2020).'),
  z
    .strictObject({
      type: z.literal('flow'),
      path: z.enum(['linear', 'trigonometric']).default('linear'),
      sigmaMin: z.number().min(0).lt(1).optional().describe('noise left on the data; linear path only'),
      blur: z.number().min(0).optional().describe("noise added to the path, torchcfm's sigma"),
      blurring: z
        .enum(['constant', 'bridge'])
        .optional()
        .describe('bridge: the blur vanishes at both ends (Schrödinger bridge)'),
      times: z
        .enum(['uniform', 'logit-normal'])
        .default('uniform')
        .describe('how training times are drawn; logit-normal dwells between noise and data'),
      timeScale: z.number().positive().default(1000).describe("factor of time at the network's embedding"),
    })
    .describe('Flow matching along straight lines (Lipman et al. 2023).'),
  z
    .strictObject({
      type: z.literal('consistency'),
      sigmaMin: z.number().positive().default(0.002).describe('noise level at which nothing is left to do'),
      sigmaMax: z.number().positive().default(80).describe('noise level that samples start from'),
      sigmaData: z.number().positive().default(0.5).describe('standard deviation of the data'),
      intervals: z
        .tuple([positive, positive])
        .default([10, 1280])
        .describe('of the grid of noise levels when training begins and when it ends; they double in stages'),
      logSigma: z
        .tuple([z.number(), z.number().positive()])
        .default([-1.1, 2])
        .describe('mean and standard deviation of the logarithm of the noise levels trained'),
      timeScale: z.number().positive().default(1000).describe("factor of time at the network's embedding"),
    })
    .describe('Consistency training (Song & Dhariwal 2023): samples in one or two steps.'),
])

const spacing = z
  .enum(['linspace', 'leading', 'trailing', 'karras', 'uniform'])
  .optional()
  .describe('which times are visited; uniform and linspace for flow, the others for ddpm')
const shift = z.number().positive().optional().describe('flow: above 1 spends more steps near the noise')

/** Settings of every sampler. */
export const samplerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ddpm'),
    steps: positive.default(100),
    variance: z.enum(['small', 'large']).optional().describe('which end of the posterior variance'),
  }),
  z.strictObject({
    type: z.literal('ddim'),
    steps: positive.default(16),
    eta: z.number().min(0).max(1).default(0).describe('0 deterministic, 1 as random as DDPM'),
    spacing: z
      .enum(['linspace', 'leading', 'trailing'])
      .optional()
      .describe('which steps are visited; trailing serves best below five'),
  }),
  z.strictObject({
    type: z.literal('pndm'),
    steps: positive.default(20),
    spacing: z.enum(['linspace', 'leading', 'trailing']).optional(),
    offset: z.int().min(0).optional().describe('added to every step; 1 for Stable Diffusion'),
    final: z.enum(['clean', 'first-step']).optional().describe('what the last step goes to'),
  }),
  z.strictObject({ type: z.literal('dpm-solver'), steps: positive.default(10), spacing, shift }),
  z.strictObject({ type: z.literal('euler'), steps: positive.default(10), spacing, shift }),
  z.strictObject({ type: z.literal('heun'), steps: positive.default(5), spacing, shift }),
  z.strictObject({ type: z.literal('midpoint'), steps: positive.default(5), spacing, shift }),
  z.strictObject({
    type: z.literal('dopri5'),
    rtol: z.number().positive().default(1e-5),
    atol: z.number().positive().default(1e-5),
  }),
  z.strictObject({
    type: z.literal('consistency'),
    steps: positive.default(1),
    sigma: z
      .number()
      .positive()
      .default(0.821)
      .describe('noise level that the last of several steps begins at'),
  }),
])
