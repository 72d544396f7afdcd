import { InputError, lookUp } from '../errors.ts'
import { checkPositive, checkWhole } from './checks.ts'
import { type Prediction, parameterizations } from './prediction.ts'
import type { DiscreteProcess } from './process.ts'
import { createSchedule, type ScheduleConfig } from './schedules.ts'

/** Settings of a {@link ddpm} process; the defaults are Diffusion Policy's. */
export interface DdpmOptions {
  /** Training steps T; 100 by default. */
  readonly steps?: number
  /** Noise schedule; `squaredcos_cap_v2` by default. */
  readonly schedule?: ScheduleConfig
  /** What the network predicts; `epsilon` by default. */
  readonly prediction?: Prediction
  /** Whether samplers clamp the predicted data; true by default (data normalised to [−1, 1]). */
  readonly clip?: boolean
  /** Bound of the clamped data; 1 by default. */
  readonly clipRange?: number
  /** γ of the min-SNR loss weight (5 in the paper); absent or null = every step weighs 1. */
  readonly minSnr?: number | null
}

/**
 * The discrete variance-preserving process of "Denoising Diffusion Probabilistic Models" (Ho et al. 2020,
 * arXiv 2006.11239): x_t = √ᾱ_t·data + √(1−ᾱ_t)·noise, t = 0 … T−1, with t = −1 for clean data. Between
 * whole steps σ/α is interpolated linearly. The network sees t itself.
 *
 * @throws InputError for steps < 1, an unknown schedule or prediction, a schedule that destroys the signal
 *   entirely, or a clip range or min-SNR γ that is not positive
 */
export function ddpm({
  steps = 100,
  schedule: scheduleConfig = 'squaredcos_cap_v2',
  prediction = 'epsilon',
  clip = true,
  clipRange = 1,
  minSnr = null,
}: DdpmOptions = {}): DiscreteProcess {
  checkWhole('steps', steps, 1)
  checkPositive('clipRange', clipRange)
  if (minSnr !== null) checkPositive('minSnr', minSnr)
  const parameterization = lookUp('prediction', parameterizations, prediction)
  const schedule = createSchedule(scheduleConfig)
  const alphasCumprod = schedule.alphasCumprod(steps)
  const ratios = noiseRatios(alphasCumprod, schedule.name)
  const ratio = (t: number) => interpolate(ratios, t)
  const alpha = (t: number) =>
    Number.isInteger(t) && t >= 0 ? Math.sqrt(alphasCumprod[t]) : along(1, ratio(t))
  const sigma = (t: number) => {
    if (Number.isInteger(t) && t >= 0) return Math.sqrt(1 - alphasCumprod[t])
    const r = ratio(t)
    return along(r, r)
  }
  return {
    type: 'ddpm',
    name: `ddpm(steps=${steps}, schedule=${schedule.name}, prediction=${prediction}${minSnr === null ? '' : `, minSnr=${minSnr}`})`,
    steps,
    alphasCumprod,
    start: steps - 1,
    end: -1,
    ...(clip ? { clip: clipRange } : {}),
    ode: {
      scale: alpha,
      clock: ratio,
      timeAt: (clock) => locate(ratios, clock),
      velocity: () => ({ data: 0, noise: 1 }),
      last: 0,
    },
    sampleTime: (rng) => rng.integer(0, steps),
    alpha,
    sigma,
    target: (t) => parameterization.target(alpha(t), sigma(t)),
    weight: (t) => (minSnr === null ? 1 : parameterization.minSnr(ratio(t) ** -2, minSnr)),
    networkTime: (t) => t,
    toData: (t) => parameterization.toData(alpha(t), sigma(t)),
    toNoise: (t) => parameterization.toNoise(alpha(t), sigma(t)),
  }
}

/** σ/α at t = −1, 0, …, T−1, [T + 1]. */
function noiseRatios(alphasCumprod: Float32Array, schedule: string): Float64Array {
  const ratios = new Float64Array(alphasCumprod.length + 1)
  for (let t = 0; t < alphasCumprod.length; t++) {
    ratios[t + 1] = Math.sqrt((1 - alphasCumprod[t]) / alphasCumprod[t])
    if (!(ratios[t + 1] > ratios[t] && ratios[t + 1] < Number.POSITIVE_INFINITY)) {
      throw new InputError(
        `The schedule ${schedule} leaves a signal of ${alphasCumprod[t]} at step ${t} of ${alphasCumprod.length}; use fewer steps or smaller betas.`,
      )
    }
  }
  return ratios
}

/** numerator / √(1 + ratio²). */
function along(numerator: number, ratio: number): number {
  return numerator / Math.sqrt(1 + ratio * ratio)
}

/** The table's value at t in [−1, T−1]; times beyond the ends take the value there. */
function interpolate(ratios: Float64Array, t: number): number {
  const place = Math.min(Math.max(t + 1, 0), ratios.length - 1)
  const below = Math.min(Math.floor(place), ratios.length - 2)
  return ratios[below] + (place - below) * (ratios[below + 1] - ratios[below])
}

/** The inverse of {@link interpolate}. */
function locate(ratios: Float64Array, ratio: number): number {
  let low = 0
  let high = ratios.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (ratios[middle] <= ratio) low = middle
    else high = middle
  }
  const fraction = (ratio - ratios[low]) / (ratios[high] - ratios[low])
  return low - 1 + Math.min(Math.max(fraction, 0), 1)
}
