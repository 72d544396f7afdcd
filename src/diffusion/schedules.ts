import { InputError, lookUp } from '../errors.ts'
import { checkWhole } from './checks.ts'

/** How much noise each training step of a discrete process adds. */
export interface Schedule {
  readonly name: string
  /** β_t, the variance that step t adds, [steps]. @throws InputError for steps < 1 */
  betas(steps: number): Float32Array
  /**
   * ᾱ_t, the product of 1 − β up to step t, [steps]. It is accumulated and rounded in float32, as PyTorch
   * implementations do, so that checkpoints trained there meet the noise levels they know.
   *
   * @throws InputError for steps < 1
   */
  alphasCumprod(steps: number): Float32Array
}

/** Ends of a schedule of betas; the customary ones are meant for 1,000 steps. */
export interface BetaRange {
  /** β of the first step, in (0, 1). */
  readonly start?: number
  /** β of the last step, in (0, 1) and at least `start`. */
  readonly end?: number
}

/** β rises linearly (Ho et al., "Denoising Diffusion Probabilistic Models", 2020); by default 0.0001 to 0.02. */
export function linear({ start = 0.0001, end = 0.02 }: BetaRange = {}): Schedule {
  checkRange('linear', start, end)
  return fromBetas('linear', (steps) => linspace(start, end, steps))
}

/** √β rises linearly (latent diffusion, Rombach et al. 2022); by default β from 0.00085 to 0.012. */
export function scaledLinear({ start = 0.00085, end = 0.012 }: BetaRange = {}): Schedule {
  checkRange('scaled_linear', start, end)
  return fromBetas('scaled_linear', (steps) =>
    linspace(Math.sqrt(start), Math.sqrt(end), steps).map((root) => root * root),
  )
}

/**
 * Squared-cosine ᾱ as betas capped at 0.999 (Nichol & Dhariwal, "Improved Denoising Diffusion Probabilistic
 * Models", 2021, arXiv 2102.09672), under the name that diffusers gives it; Diffusion Policy's default.
 */
export function squaredcosCapV2(): Schedule {
  return fromBetas('squaredcos_cap_v2', (steps) =>
    Float32Array.from({ length: steps }, (_, i) =>
      Math.min(1 - squaredCosine((i + 1) / steps) / squaredCosine(i / steps), 0.999),
    ),
  )
}

/**
 * The same squared cosine as a continuous function of time, read at the middle of every step, so that it
 * needs no cap: the signal-to-noise ratio stays positive at any number of steps.
 */
export function cosine(): Schedule {
  const alphasCumprod = (steps: number) => {
    checkWhole('steps', steps, 1)
    return Float32Array.from({ length: steps }, (_, i) => squaredCosine((i + 0.5) / steps) / squaredCosine(0))
  }
  return {
    name: 'cosine',
    alphasCumprod,
    betas: (steps) => {
      const products = alphasCumprod(steps)
      return products.map((product, i) => 1 - product / (i === 0 ? 1 : products[i - 1]))
    },
  }
}

/** Names of the schedules in configs. */
export type ScheduleName = 'linear' | 'scaled_linear' | 'cosine' | 'squaredcos_cap_v2'

/** A schedule in a config: its name, or its name with the range of betas. */
export type ScheduleConfig = ScheduleName | ({ readonly type: ScheduleName } & BetaRange)

const schedules: Readonly<Record<ScheduleName, (range: BetaRange) => Schedule>> = {
  linear,
  scaled_linear: scaledLinear,
  cosine,
  squaredcos_cap_v2: squaredcosCapV2,
}

/** Makes a schedule from its config. @throws InputError for an unknown name or a range out of (0, 1) */
export function createSchedule(config: ScheduleConfig): Schedule {
  const { type, ...range } = typeof config === 'string' ? { type: config } : config
  return lookUp('noise schedule', schedules, type)(range)
}

function fromBetas(name: string, betas: (steps: number) => Float32Array): Schedule {
  const checked = (steps: number) => {
    checkWhole('steps', steps, 1)
    return betas(steps)
  }
  return {
    name,
    betas: checked,
    alphasCumprod: (steps) => {
      const products = checked(steps)
      let product = 1
      for (let i = 0; i < steps; i++) {
        product = Math.fround(product * Math.fround(1 - products[i]))
        products[i] = product
      }
      return products
    },
  }
}

/** ᾱ before normalisation at a fraction of the way, with the offset 0.008 of the paper. */
function squaredCosine(fraction: number): number {
  return Math.cos((((fraction + 0.008) / 1.008) * Math.PI) / 2) ** 2
}

/** `count` equally spaced float32 numbers, counted from the nearer end as PyTorch does. */
function linspace(start: number, end: number, count: number): Float32Array {
  const first = Math.fround(start)
  const final = Math.fround(end)
  const step = count > 1 ? Math.fround(Math.fround(final - first) / (count - 1)) : 0
  const half = Math.floor(count / 2)
  return Float32Array.from({ length: count }, (_, i) =>
    i < half || count === 1 ? first + Math.fround(step * i) : final - Math.fround(step * (count - 1 - i)),
  )
}

function checkRange(name: string, start: number, end: number): void {
  if (!(start > 0 && end < 1 && start <= end)) {
    throw new InputError(
      `The schedule ${name} cannot have betas from ${start} to ${end}; choose 0 < start <= end < 1.`,
    )
  }
}
