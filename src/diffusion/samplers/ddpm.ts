import { lookUp } from '../../errors.ts'
import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { noiseFrom } from '../random-rows.ts'
import { type DiscreteSpacing, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, like, requireDiscrete, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of {@link sampleDdpm}. */
export interface DdpmSamplerOptions {
  /** Number of steps; the process' training steps by default. */
  readonly steps?: number
  /** `leading` by default, as in Diffusion Policy; all are the same when every training step is visited. */
  readonly spacing?: Exclude<DiscreteSpacing, 'karras'>
  readonly offset?: number
  /**
   * Variance of the noise that a step adds: `small` is the posterior's for data of a point (β̃), the default;
   * `large` is β, right for data of unit variance.
   */
  readonly variance?: 'small' | 'large'
}

/**
 * Ancestral sampling: algorithm 2 of "Denoising Diffusion Probabilistic Models" (Ho et al. 2020, arXiv
 * 2006.11239), with the strided steps of Nichol & Dhariwal (2021). Every step but the last adds fresh noise.
 *
 * @throws InputError for a process without discrete steps, steps that do not fit it, or no noise source
 */
export async function* sampleDdpm(
  sampling: Sampling,
  options: DdpmSamplerOptions = {},
): AsyncGenerator<SamplerStep, void, undefined> {
  const process = requireDiscrete(sampling.process, 'ddpm')
  const small = lookUp('DDPM variance', { small: true, large: false }, options.variance ?? 'small')
  const draw = noiseFrom(sampling)
  const { times, networkTimes } = ddpmGrid(process, options)
  const count = networkTimes.length
  const network = estimator(process, sampling.denoise)
  const fresh = like(sampling.noise)
  let x = begin(sampling)
  for (let i = 0; i < count; i++) {
    const { data } = await network.estimate(x, times[i], { networkTime: networkTimes[i] })
    const alpha = process.alpha(times[i])
    const sigma = process.sigma(times[i])
    const nextAlpha = process.alpha(times[i + 1])
    const nextSigma = process.sigma(times[i + 1])
    const stepAlpha = (alpha / nextAlpha) ** 2
    const beta = 1 - stepAlpha
    const fromData = (nextAlpha * beta) / sigma ** 2
    const fromSample = (Math.sqrt(stepAlpha) * nextSigma ** 2) / sigma ** 2
    const deviation = i === count - 1 ? 0 : Math.sqrt(small ? beta * (nextSigma / sigma) ** 2 : beta)
    if (deviation > 0) draw(fresh, i + 1)
    const next = like(x)
    for (let j = 0; j < next.values.length; j++) {
      next.values[j] = fromData * data.values[j] + fromSample * x.values[j] + deviation * fresh.values[j]
    }
    x = next
    sampling.project?.(x, times[i + 1], i + 1)
    yield {
      step: i + 1,
      steps: count,
      time: times[i + 1],
      x: { ...x, values: x.values.slice() },
      denoised: data,
      evaluations: network.evaluations,
    }
  }
}

/** The steps that {@link sampleDdpm} visits. @throws InputError for steps that do not fit the process */
export function ddpmGrid(
  process: Process,
  { steps, spacing = 'leading', offset }: DdpmSamplerOptions,
): TimeGrid {
  const discrete = requireDiscrete(process, 'ddpm')
  const style = { whole: true, skipsZero: false }
  return timeGrid(discrete, { steps: steps ?? discrete.steps, spacing, offset }, style)
}
