import { InputError } from '../../errors.ts'
import { checkPositive, checkWhole } from '../checks.ts'
import { noiseLevels } from '../consistency.ts'
import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { noiseFrom } from '../random-rows.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of {@link sampleConsistency}. */
export interface ConsistencySamplerOptions {
  /** Number of network evaluations; 1 by default. */
  readonly steps?: number
  /**
   * Noise level that the last of several steps begins at; those between it and the start are spaced by their
   * seventh roots. 0.821 by default, the paper's for two steps on CIFAR-10.
   */
  readonly sigma?: number
}

/**
 * Multistep consistency sampling, algorithm 1 of "Consistency Models" (Song et al. 2023, arXiv 2303.01469): the data
 * that the network sees in the noise, and for each further step those it sees in them when they are noised afresh,
 * to √(σ² − ε²), which is less each time. One step adds no noise and needs no source of it.
 *
 * @throws InputError for steps < 1, a `sigma` outside the process' noise levels, or several steps without a noise source
 */
export async function* sampleConsistency(
  sampling: Sampling,
  options: ConsistencySamplerOptions = {},
): AsyncGenerator<SamplerStep, void, undefined> {
  const { process, project } = sampling
  const times = consistencyGrid(process, options)
  const steps = times.length - 1
  const draw = steps > 1 ? noiseFrom(sampling) : undefined
  const network = estimator(process, sampling.denoise)
  const fresh = like(sampling.noise)
  const least = process.ode.last
  let x = begin(sampling)
  for (let i = 0; i < steps; i++) {
    const { data } = await network.estimate(x, times[i])
    const next = times[i + 1]
    x = { ...data, values: data.values.slice() }
    if (i + 1 < steps) {
      draw?.(fresh, i + 1)
      // The data have noise of level ε on them, as those that the network learned from.
      const [kept, added] = [process.alpha(next), process.alpha(next) * Math.sqrt(next ** 2 - least ** 2)]
      for (let j = 0; j < x.values.length; j++) {
        x.values[j] = kept * data.values[j] + added * fresh.values[j]
      }
    }
    project?.(x, next, i + 1)
    yield {
      step: i + 1,
      steps,
      time: next,
      x: { ...x, values: x.values.slice() },
      denoised: data,
      evaluations: network.evaluations,
    }
  }
}

/** The noise levels that {@link sampleConsistency} visits, and the end, [steps + 1]. @throws InputError as it does */
export function consistencyGrid(
  process: Process,
  { steps = 1, sigma = 0.821 }: ConsistencySamplerOptions,
): Float64Array {
  checkWhole('steps', steps, 1)
  checkPositive('sigma', sigma)
  if (steps > 1 && !(sigma > process.ode.last && sigma < process.start)) {
    throw new InputError(
      `"sigma" is ${sigma}; it must lie between the noise levels ${process.ode.last} and ${process.start} of ${process.name}.`,
    )
  }
  const levels = steps === 1 ? [process.start] : noiseLevels(sigma, process.start, steps).reverse()
  return Float64Array.of(...levels, process.end)
}
