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
 * throughout (PLMS), as Stable Diffusion samples: DDIM's transfer with the prediction extrapolated from up to four
 * evaluations. The first step is one of Heun's kind and evaluates twice. As in diffusers the multistep is over what
 * the network predicts, noise or velocity, and the present sample makes noise of the sum.
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
  /** Predictions of the last evaluations, the newest first. */
  let predictions: Float32Array[] = []
  const network = estimator(process, async (given, time) => {
    const prediction = await sampling.denoise(given, time)
    // A copy: the network may use its buffer again.
    predictions = [prediction.values.slice(), ...predictions].slice(0, WEIGHTS.length)
    return prediction
  })
  let x = begin(sampling)

  /** DDIM's deterministic step from x at `time`, with the weighted sum of the predictions. */
  const transfer = (time: number, next: number, weights: readonly number[]) => {
    const toNoise = process.toNoise(time)
    const kept = process.alpha(next) / process.alpha(time)
    const gain = process.sigma(next) - kept * process.sigma(time)
    const out = like(x)
    for (let j = 0; j < out.values.length; j++) {
      let said = 0
      for (let k = 0; k < weights.length; k++) said += weights[k] * predictions[k][j]
      const noise = toNoise.prediction * said + toNoise.sample * x.values[j]
      out.values[j] = kept * x.values[j] + gain * noise
    }
    return out
  }

  for (let i = 0; i < steps; i++) {
    const next = i === steps - 1 ? onto : times[i + 1]
    const { data } = await network.estimate(x, times[i], { networkTime: networkTimes[i] })
    if (i === 0 && steps > 1) {
      const guess = transfer(times[0], next, WEIGHTS[0])
      await network.estimate(guess, next, { networkTime: networkTimes[1] })
      x = transfer(times[0], next, [1 / 2, 1 / 2])
      // The guess' prediction counts once only.
      predictions = predictions.slice(1)
    } else {
      x = transfer(times[i], next, WEIGHTS[predictions.length - 1])
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

/** The steps that {@link samplePndm} visits. @throws InputError for steps that do not fit the process */
export function pndmGrid(process: Process, { steps, spacing = 'leading', offset }: PndmOptions): TimeGrid {
  const discrete = requireDiscrete(process, 'pndm')
  return timeGrid(discrete, { steps, spacing, offset }, { whole: true, skipsZero: false })
}
