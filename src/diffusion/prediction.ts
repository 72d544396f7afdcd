import type { Conversion, Mix } from './process.ts'

/** What a network of a variance-preserving process predicts. */
export type Prediction = 'epsilon' | 'sample' | 'velocity'

/** What one kind of prediction means, as functions of alpha and sigma with α² + σ² = 1. */
export interface Parameterization {
  target(alpha: number, sigma: number): Mix
  toData(alpha: number, sigma: number): Conversion
  toNoise(alpha: number, sigma: number): Conversion
  /**
   * Loss weight min(SNR, γ) in units of this prediction's squared error (Hang et al., "Efficient Diffusion
   * Training via Min-SNR Weighting Strategy", 2023, arXiv 2303.09556).
   */
  minSnr(snr: number, gamma: number): number
}

/**
 * - `epsilon`: the noise (Ho et al. 2020).
 * - `sample`: the clean data.
 * - `velocity`: α·noise − σ·data (Salimans & Ho, "Progressive Distillation", 2022, arXiv 2202.00512).
 */
export const parameterizations: Readonly<Record<Prediction, Parameterization>> = {
  epsilon: {
    target: () => ({ data: 0, noise: 1 }),
    toData: (alpha, sigma) => ({ prediction: -sigma / alpha, sample: 1 / alpha }),
    toNoise: () => ({ prediction: 1, sample: 0 }),
    minSnr: (snr, gamma) => Math.min(snr, gamma) / snr,
  },
  sample: {
    target: () => ({ data: 1, noise: 0 }),
    toData: () => ({ prediction: 1, sample: 0 }),
    toNoise: (alpha, sigma) => ({ prediction: -alpha / sigma, sample: 1 / sigma }),
    minSnr: (snr, gamma) => Math.min(snr, gamma),
  },
  velocity: {
    target: (alpha, sigma) => ({ data: -sigma, noise: alpha }),
    toData: (alpha, sigma) => ({ prediction: -sigma, sample: alpha }),
    toNoise: (alpha, sigma) => ({ prediction: alpha, sample: sigma }),
    minSnr: (snr, gamma) => Math.min(snr, gamma) / (snr + 1),
  },
}
