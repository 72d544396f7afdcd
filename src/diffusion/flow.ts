import { lookUp } from '../errors.ts'
import { checkBetween, checkPositive } from './checks.ts'
import type { Process } from './process.ts'
import { type TrainingTimes, trainingTimes } from './training-times.ts'

/** Settings of a {@link flow} process. */
export interface FlowOptions {
  /**
   * How data and noise are mixed; `linear` by default.
   * - `linear`: t·data + (1 − (1 − sigmaMin)·t)·noise
   * - `trigonometric`: sin(πt/2)·data + cos(πt/2)·noise, which keeps the variance (Albergo & Vanden-Eijnden 2023)
   */
  readonly path?: 'linear' | 'trigonometric'
  /** Noise left on the data at t = 1 of the linear path, in [0, 1); 0 by default. */
  readonly sigmaMin?: number
  /**
   * Normal noise added to the path, as torchcfm's `sigma`; 0 by default.
   * - `constant` (conditional and variance-preserving flow matching): as much at all times
   * - `bridge` (Schrödinger bridge, Tong et al. 2023, arXiv 2307.03672): blur·√(t·(1 − t))
   */
  readonly blur?: number
  /** How the blur depends on time; `constant` by default. */
  readonly blurring?: 'constant' | 'bridge'
  /** The network sees `timeScale`·t; 1,000 by default, as sinusoidal embeddings are made for whole steps. */
  readonly timeScale?: number
  /** Distribution of the training times; `uniform` by default. */
  readonly times?: TrainingTimes
}

/** A path's coefficients and their derivatives in t. */
interface Path {
  alpha(t: number): number
  sigma(t: number): number
  alphaRate(t: number): number
  sigmaRate(t: number): number
}

const paths: Readonly<Record<'linear' | 'trigonometric', (sigmaMin: number) => Path>> = {
  linear: (sigmaMin) => ({
    alpha: (t) => t,
    sigma: (t) => 1 - (1 - sigmaMin) * t,
    alphaRate: () => 1,
    sigmaRate: () => sigmaMin - 1,
  }),
  trigonometric: () => ({
    alpha: (t) => Math.sin((Math.PI / 2) * t),
    // Exactly 0 at t = 1, which cos(π/2) is not.
    sigma: (t) => Math.sin((Math.PI / 2) * (1 - t)),
    alphaRate: (t) => (Math.PI / 2) * Math.sin((Math.PI / 2) * (1 - t)),
    sigmaRate: (t) => (-Math.PI / 2) * Math.sin((Math.PI / 2) * t),
  }),
}

/** Keeps the velocity of a bridge finite at its ends, as torchcfm does. */
const TINY = 1e-8

const blurrings: Readonly<Record<'constant' | 'bridge', (blur: number) => NonNullable<Process['extra']>>> = {
  constant: (blur) => () => ({ sample: blur, target: 0 }),
  bridge: (blur) => (t) => {
    const spread = Math.sqrt(t * (1 - t))
    return { sample: blur * spread, target: (blur * spread * (1 - 2 * t)) / (2 * t * (1 - t) + TINY) }
  },
}

/**
 * Flow matching (Lipman et al. 2023, arXiv 2210.02747; Liu et al., "Rectified Flow", 2023, arXiv 2209.03003;
 * Tong et al., arXiv 2302.00482). Time runs **from noise at t = 0 to data at t = 1**, and the network
 * predicts the velocity dx_t/dt, which is data − noise on the straight path. (Implementations that count the
 * other way, such as diffusers, have σ = 1 − t and the negative of this velocity.)
 *
 * @throws InputError for an unknown path or distribution of times, sigmaMin outside [0, 1), sigmaMin on the
 *   trigonometric path, or a time scale that is not positive
 */
export function flow({
  path: pathName = 'linear',
  sigmaMin = 0,
  blur = 0,
  blurring = 'constant',
  timeScale = 1000,
  times = 'uniform',
}: FlowOptions = {}): Process {
  checkBetween('sigmaMin', sigmaMin, 0, pathName === 'linear' ? 1 - 1e-9 : 0)
  checkPositive('timeScale', timeScale)
  checkBetween('blur', blur, 0, Number.MAX_VALUE)
  const extra = lookUp('blurring', blurrings, blurring)(blur)
  const { alpha, sigma, alphaRate, sigmaRate } = lookUp('flow path', paths, pathName)(sigmaMin)
  const velocity = (t: number) => ({ data: alphaRate(t), noise: sigmaRate(t) })
  // x_t and its velocity are two equations for data and noise; this is their determinant.
  const determinant = (t: number) => alpha(t) * sigmaRate(t) - sigma(t) * alphaRate(t)
  return {
    type: 'flow',
    name: `flow(path=${pathName}${sigmaMin > 0 ? `, sigmaMin=${sigmaMin}` : ''}${blur > 0 ? `, blur=${blur}, blurring=${blurring}` : ''})`,
    start: 0,
    end: 1,
    ode: { scale: () => 1, clock: (t) => t, timeAt: (clock) => clock, velocity, last: 1 },
    sampleTime: trainingTimes(times),
    alpha,
    sigma,
    target: velocity,
    ...(blur > 0 && { extra }),
    weight: () => 1,
    networkTime: (t) => timeScale * t,
    toData: (t) => ({ prediction: -sigma(t) / determinant(t), sample: sigmaRate(t) / determinant(t) }),
    toNoise: (t) => ({ prediction: alpha(t) / determinant(t), sample: -alphaRate(t) / determinant(t) }),
  }
}
