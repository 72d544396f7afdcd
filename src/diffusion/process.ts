import type { Rng } from '../random/rng.ts'

/**
 * A Gaussian diffusion or flow process, x_t = alpha(t)·data + sigma(t)·noise. Everything a process does is
 * linear in data and noise, so it is described by coefficients: the training step takes them as inputs and
 * stays the same compiled graph for every process.
 */
export interface Process {
  readonly name: string
  /** Draws a training time: a whole step 0 … T−1 for DDPM, a number in [0, 1] for flow matching. */
  sampleTime(rng: Rng): number
  /** Factor of the data at time t. */
  alpha(t: number): number
  /** Factor of the noise at time t. */
  sigma(t: number): number
  /** The regression target, `data`·data + `noise`·noise. */
  target(t: number): { readonly data: number; readonly noise: number }
  /** Loss weight at time t (1, or min-SNR). */
  weight(t: number): number
  /** The time as the network's embedding sees it. */
  networkTime(t: number): number
  /** The clean data that a prediction at x_t implies, `prediction`·prediction + `sample`·x_t. */
  toData(t: number): { readonly prediction: number; readonly sample: number }
  /** The noise that a prediction at x_t implies. */
  toNoise(t: number): { readonly prediction: number; readonly sample: number }
}
