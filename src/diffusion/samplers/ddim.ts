import { lookUp } from '../../errors.ts'
import { checkBetween } from '../checks.ts'
import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { noiseFrom } from '../random-rows.ts'
import { type DiscreteSpacing, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, like, requireDiscrete, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of {@link sampleDdim}. */
export interface DdimOptions {
  /** Number of steps, at most the process' training steps. */
  readonly steps: number
  /** 0 (the default) is deterministic, 1 adds as much noise as DDPM. */
  readonly eta?: number
  /** `leading` by default, as in Diffusion Policy; with fewer than about five steps prefer `trailing`. */
  readonly spacing?: Exclude<DiscreteSpacing, 'karras'>
  readonly offset?: number
  /**
   * What the last step goes to: clean data (the default), or the noise level of training step 0, as
   * Stable Diffusion's configuration has it.
   */
  readonly final?: 'clean' | 'first-step'
}

/**
 * DDIM: equation 12 of "Denoising Diffusion Implicit Models" (Song et al. 2021, arXiv 2010.02502). The
 * direction to x_t is the noise as predicted, even where the predicted data are clamped.
 *
 * @throws InputError for a process without discrete steps, steps that do not fit it, eta outside [0, 1], or
 *   eta > 0 without a noise source
 */
export async function* sampleDdim(
  sampling: Sampling,
  options: DdimOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const process = requireDiscrete(sampling.process, 'ddim')
  const { steps, eta = 0, final = 'clean' } = options
  checkBetween('eta', eta, 0, 1)
  const onto = lookUp('final DDIM step', { clean: process.end, 'first-step': 0 }, final)
  const draw = eta > 0 ? noiseFrom(sampling) : undefined
  const { times, networkTimes } = ddimGrid(process, options)
  const network = estimator(process, sampling.denoise)
  const fresh = like(sampling.noise)
  let x = begin(sampling)
  for (let i = 0; i < steps; i++) {
    const { data, noise } = await network.estimate(x, times[i], { networkTime: networkTimes[i] })
    const next = i === steps - 1 ? onto : times[i + 1]
    const alpha = process.alpha(times[i])
    const sigma = process.sigma(times[i])
    const nextAlpha = process.alpha(next)
    const nextSigma = process.sigma(next)
    const variance = (nextSigma / sigma) ** 2 * (1 - (alpha / nextAlpha) ** 2)
    const deviation = eta * Math.sqrt(Math.max(variance, 0))
    const direction = Math.sqrt(Math.max(nextSigma ** 2 - deviation ** 2, 0))
    if (deviation > 0) draw?.(fresh, i + 1)
    x = like(x)
    for (let j = 0; j < x.values.length; j++) {
      x.values[j] = nextAlpha * data.values[j] + direction * noise.values[j] + deviation * fresh.values[j]
    }
    sampling.project?.(x, times[i + 1], i + 1)
    yield {
      step: i + 1,
      steps,
      time: times[i + 1],
      x: { ...x, values: x.values.slice() },
      denoised: data,
      evaluations: network.evaluations,
    }
  }
}

/** The steps that {@link sampleDdim} visits. @throws InputError for steps that do not fit the process */
export function ddimGrid(process: Process, { steps, spacing = 'leading', offset }: DdimOptions): TimeGrid {
  const discrete = requireDiscrete(process, 'ddim')
  return timeGrid(discrete, { steps, spacing, offset }, { whole: true, skipsZero: false })
}
