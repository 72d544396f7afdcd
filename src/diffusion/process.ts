import type { Rng } from '../random/rng.ts'
import type { SelfConsistency } from './consistency.ts'

/** A linear combination `data`·data + `noise`·noise. */
export interface Mix {
  readonly data: number
  readonly noise: number
}

/** A linear combination `prediction`·prediction + `sample`·x_t of what the network said and what it saw. */
export interface Conversion {
  readonly prediction: number
  readonly sample: number
}

/**
 * The deterministic path from noise to data as an ordinary differential equation in the coordinates in which
 * it is smoothest: y = x_t / scale(t) moves with dy/dclock = velocity(t), a combination of the predicted
 * data and noise.
 */
export interface OdeForm {
  /** Divides x_t to give the integrated coordinates. */
  scale(t: number): number
  /** The integration variable at process time t; monotonic in t. */
  clock(t: number): number
  /** The inverse of {@link clock}. */
  timeAt(clock: number): number
  /** dy/dclock at time t. */
  velocity(t: number): Mix
  /** The time nearest to the data that the network is trained for. */
  readonly last: number
}

/**
 * A Gaussian diffusion or flow process, x_t = alpha(t)·data + sigma(t)·noise. Everything a process does is
 * linear in data and noise, so it is described by coefficients: the training step takes them as inputs and
 * stays the same compiled graph for every process.
 */
export interface Process {
  /** The kind of process, as in configs: `ddpm`, `flow` or `consistency`. */
  readonly type: string
  /** Type and settings, such as `ddpm(steps=100, schedule=squaredcos_cap_v2, prediction=epsilon)`. */
  readonly name: string
  /** The noisiest time: T−1 for DDPM, 0 for flow matching, the largest noise level for consistency models. */
  readonly start: number
  /** The time of clean data: −1 for DDPM (the step after step 0), 1 for flow matching, 0 for consistency models. */
  readonly end: number
  /** Samplers clamp predicted data to [−clip, clip]; absent = no clamping. */
  readonly clip?: number
  readonly ode: OdeForm
  /** Draws a training time: a whole step 0 … T−1 for DDPM, a number in [0, 1] for flow matching. */
  sampleTime(rng: Rng): number
  /** Factor of the data at time t. */
  alpha(t: number): number
  /** Factor of the noise at time t. */
  sigma(t: number): number
  /** The regression target, `data`·data + `noise`·noise. */
  target(t: number): Mix
  /**
   * Factors of a third, independent normal number in training samples and in their targets, where paths are
   * blurred; absent where x_t is data and noise alone. Samplers follow the mean.
   */
  extra?(t: number): { readonly sample: number; readonly target: number }
  /** Loss weight at time t (1, or min-SNR). */
  weight(t: number): number
  /** The time as the network's embedding sees it. */
  networkTime(t: number): number
  /** Factor of x_t at the network's input; absent for 1. */
  inputScale?(t: number): number
  /** Where the network learns by agreeing with itself at neighbouring times instead of from {@link target}. */
  readonly consistency?: SelfConsistency
  /** The clean data that a prediction at x_t implies, `prediction`·prediction + `sample`·x_t. */
  toData(t: number): Conversion
  /** The noise that a prediction at x_t implies. */
  toNoise(t: number): Conversion
}

/** A process with a whole number of steps 0 … T−1 and α² + σ² = 1, as DDPM defines it. */
export interface DiscreteProcess extends Process {
  /** Number of training steps T. */
  readonly steps: number
  /** ᾱ_t = alpha(t)² for t = 0 … T−1, [T]. */
  readonly alphasCumprod: Float32Array
}

/** Whether a process has discrete training steps. */
export function isDiscrete(process: Process): process is DiscreteProcess {
  return 'alphasCumprod' in process
}
