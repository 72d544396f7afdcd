import type { LatentInput } from './latent.ts'

/** Presets of latent diffusion, by name. */
export const LATENT_PRESETS: Readonly<
  Record<string, { readonly summary: string; readonly config: LatentInput }>
> = {
  'images/mnist-latent': {
    summary: 'Latent diffusion of digits, told their class: its own autoencoder first, then the denoiser.',
    config: {
      images: { source: { type: 'mnist' }, size: 32 },
      autoencoder: {
        widths: [16, 32, 64],
        divergence: 1e-3,
        training: {
          steps: 400,
          batch: 32,
          learningRate: 2e-3,
          betas: [0.9, 0.999],
          warmup: 50,
          validateEvery: 200,
          checkpointEvery: 200,
          averageMax: 0.99,
        },
      },
      captions: { dropout: 0.1 },
      denoiser: { widths: [64, 128], layers: 1, heads: 4, groups: 8 },
      // The nearest of 64 noises, as in the papers, tells the class where latents are as small as these, and the
      // network then reads it there instead of in the caption.
      coupling: { type: 'grouped' },
      training: {
        steps: 1200,
        batch: 64,
        learningRate: 1e-3,
        betas: [0.9, 0.999],
        warmup: 100,
        checkpointEvery: 250,
        averageMax: 0.999,
      },
      samples: { count: 40, batch: 20, guidance: 2 },
    },
  },
  'images/sd-1.4': {
    summary: "Fine-tune Stable Diffusion 1.4 on a folder of images by class, with the papers' settings.",
    config: {
      images: { source: { type: 'folder', path: 'data/images' }, size: 256, flip: true },
      pipeline: 'models/stable-diffusion-v1-4',
      denoiser: { from: 'pipeline' },
      coupling: { type: 'nearest', candidates: 64 },
      training: {
        steps: 5000,
        batch: 512,
        accumulate: 512,
        learningRate: 1e-5,
        decay: 'constant',
        warmup: 0,
        betas: [0.9, 0.999],
        weightDecay: 1e-2,
        clip: 1,
        validationShare: 0,
        checkpointEvery: 100,
      },
      samples: { every: 500, count: 8, batch: 1, guidance: 1 },
      latents: { batch: 1 },
    },
  },
}
