import { lookUp } from '../../errors.ts'
import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { type DiscreteSpacing, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, like, requireDiscrete, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of {@link samplePndm}. */
export interface PndmOptions {
  /** Number of steps, at most the process' training steps; one evaluation more than that is made. */
  readonly steps: number
  /** `leading` by default. */
  readonly spacing?: Exclude<DiscreteSpacing, 'karras'>
  /** Added to every time; Stable Diffusion has 1. */
  readonly offset?: number
  /** What the last step goes to, as for DDIM: clean data (the default), or the noise level of training step 0. */
  readonly final?: 'clean' | 'first-step'
}

/** Adams–Bashforth: weights of the newest and the earlier noises, by how many there are. */
const WEIGHTS: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
]

/**
 * Pseudo numerical methods for diffusion models (Liu et al. 2022, arXiv 2202.09778) with linear multistep
 * throughout (PLMS), as Stable Diffusion samples: DDIM's transfer with the noise extrapolated from up to four
 * evaluations. The first step is one of Heun's kind and evaluates twice. The multistep is over the predicted
 * noise, whatever the network predicts.
 *
 * @throws InputError for a process without discrete steps, or steps that do not fit it
 */
export async function* samplePndm(
  sampling: Sampling,
  options: PndmOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const process = requireDiscrete(sampling.process, 'pndm')
  const { steps, final = 'clean' } = options
  const onto = lookUp('final PNDM step', { clean: process.end, 'first-step': 0 }, final)
  const { times, networkTimes } = pndmGrid(process, options)
  const network = estimator(process, sampling.denoise)
  /** Noises of the last evaluations, the newest first. */
  let noises: Float32Array[] = []
  let x = begin(sampling)

  /** DDIM's deterministic step from x at `time`, with the weighted sum of the noises. */
  const transfer = (
    time: number,
    next: number,
    directions: readonly Float32Array[],
    weights: readonly number[],
  ) => {
    const kept = process.alpha(next) / process.alpha(time)
    const gain = process.sigma(next) - kept * process.sigma(time)
    const out = like(x)
    for (let j = 0; j < out.values.length; j++) {
      let noise = 0
      for (let k = 0; k < weights.length; k++) noise += weights[k] * directions[k][j]
      out.values[j] = kept * x.values[j] + gain * noise
    }
    return out
  }

  for (let i = 0; i < steps; i++) {
    const next = i === steps - 1 ? onto : times[i + 1]
    const estimate = await network.estimate(x, times[i], { networkTime: networkTimes[i] })
    noises = [estimate.noise.values, ...noises].slice(0, WEIGHTS.length)
    if (i === 0 && steps > 1) {
      const guess = transfer(times[0], next, noises, WEIGHTS[0])
      const ahead = await network.estimate(guess, next, { networkTime: networkTimes[1] })
      x = transfer(times[0], next, [noises[0], ahead.noise.values], [1 / 2, 1 / 2])
    } else {
      x = transfer(times[i], next, noises, WEIGHTS[noises.length - 1])
    }
    sampling.project?.(x, times[i + 1], i + 1)
    yield {
      step: i + 1,
      steps,
      time: times[i + 1],
      x: { ...x, values: x.values.slice() },
      denoised: estimate.data,
      evaluations: network.evaluations,
    }
  }
}

/** The steps that {@link samplePndm} visits. @throws InputError for steps that do not fit the process */
export function pndmGrid(process: Process, { steps, spacing = 'leading', offset }: PndmOptions): TimeGrid {
  const discrete = requireDiscrete(process, 'pndm')
  return timeGrid(discrete, { steps, spacing, offset }, { whole: true, skipsZero: false })
}
