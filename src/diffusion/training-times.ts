import { lookUp } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { checkPositive } from './checks.ts'

/**
 * How training times of a flow process are drawn.
 * - `uniform`: over [0, 1).
 * - `logit-normal`: 1 / (1 + e^−z), z ~ N(`mean`, `deviation`²), by default the standard normal: more of the
 *   middle (Esser et al., "Scaling Rectified Flow Transformers", 2024, arXiv 2403.03206).
 * - `beta`: Beta(`a`, `b`) in the direction of the noise, t = `limit`·(1 − u), by default Beta(1.5, 1) and
 *   limit 0.999: more of the noisy end (Black et al., "π0", 2024, arXiv 2410.24164).
 */
export type TrainingTimes =
  | 'uniform'
  | 'logit-normal'
  | 'beta'
  | { readonly type: 'uniform' }
  | { readonly type: 'logit-normal'; readonly mean?: number; readonly deviation?: number }
  | { readonly type: 'beta'; readonly a?: number; readonly b?: number; readonly limit?: number }

interface Settings {
  readonly mean?: number
  readonly deviation?: number
  readonly a?: number
  readonly b?: number
  readonly limit?: number
}

const distributions: Record<string, (settings: Settings) => (rng: Rng) => number> = {
  uniform: () => (rng) => rng.uniform(),
  'logit-normal': ({ mean = 0, deviation = 1 }) => {
    checkPositive('deviation', deviation)
    return (rng) => 1 / (1 + Math.exp(-(mean + deviation * rng.normal())))
  },
  beta: ({ a = 1.5, b = 1, limit = 0.999 }) => {
    checkPositive('a', a)
    checkPositive('b', b)
    checkPositive('limit', limit)
    return (rng) => {
      const x = gamma(rng, a)
      return limit * (1 - x / (x + gamma(rng, b)))
    }
  },
}

/** A function that draws training times in [0, 1]. @throws InputError for an unknown distribution or a setting that is not positive */
export function trainingTimes(config: TrainingTimes): (rng: Rng) => number {
  const { type, ...settings } = typeof config === 'string' ? { type: config } : config
  return lookUp('distribution of training times', distributions, type)(settings)
}

/** A gamma-distributed number (Marsaglia & Tsang, "A simple method for generating gamma variables", 2000). */
function gamma(rng: Rng, shape: number): number {
  if (shape < 1) return gamma(rng, shape + 1) * (1 - rng.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const z = rng.normal()
    const v = (1 + c * z) ** 3
    if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * z * z + d * (1 - v + Math.log(v))) return d * v
  }
}
