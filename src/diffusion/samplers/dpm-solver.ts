import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { type GridOptions, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * DPM-Solver++(2M): algorithm 2 of "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
 * Models" (Lu et al. 2022, arXiv 2211.01095), a second-order multistep method in λ = ln(α/σ) with one
 * network evaluation a step. The first step is of first order, and so is the last, which returns the
 * predicted data. `spacing: 'karras'` and `minLambda` (for cosine schedules with few steps) as in the
 * authors' and diffusers' versions; a flow is solved in its own α and σ.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export async function* sampleDpmSolver(
  sampling: Sampling,
  options: GridOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { process } = sampling
  const { times, networkTimes } = dpmSolverGrid(process, options)
  const { steps } = options
  const network = estimator(process, sampling.denoise)
  let x = begin(sampling)
  let previous: Float32Array | undefined
  for (let i = 0; i < steps; i++) {
    const { data } = await network.estimate(x, times[i], { networkTime: networkTimes[i] })
    const kept = process.sigma(times[i + 1]) / process.sigma(times[i])
    const alpha = process.alpha(times[i + 1])
    const lambda = logRatio(process, times[i])
    const h = logRatio(process, times[i + 1]) - lambda
    // σ'/σ · α/α' = e^−h, and 0 where λ is infinite at either end.
    const gain = -alpha * Math.expm1(-h)
    // Half of h divided by the previous step's h; 0 after a step from pure noise and before one to clean data.
    const slope =
      i === 0 || h === Number.POSITIVE_INFINITY ? 0 : (0.5 * h) / (lambda - logRatio(process, times[i - 1]))
    const next = like(x)
    const earlier = previous ?? data.values
    for (let j = 0; j < next.values.length; j++) {
      const change = data.values[j] - earlier[j]
      next.values[j] = kept * x.values[j] + gain * (data.values[j] + slope * change)
    }
    previous = data.values
    x = next
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

/** λ = ln(α/σ) at time t, −∞ for pure noise and ∞ for clean data. */
function logRatio(process: Process, t: number): number {
  return Math.log(process.alpha(t) / process.sigma(t))
}

/** The times that {@link sampleDpmSolver} visits. @throws InputError for steps or a spacing that do not fit the process */
export function dpmSolverGrid(process: Process, options: GridOptions): TimeGrid {
  return timeGrid(process, options, { whole: true, skipsZero: true })
}
