import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { type GridOptions, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of {@link sampleEuler}, `sampleHeun` and `sampleMidpoint`. */
export type OdeOptions = GridOptions

/**
 * Euler's method for the path from noise to data. For DDPM that is the first-order sampler in σ/α of Karras
 * et al. (2022, arXiv 2206.00364; k-diffusion's `sample_euler`, diffusers' EulerDiscrete), for flow matching
 * x ← x + Δt·velocity (diffusers' FlowMatchEuler). One network evaluation a step; DDPM's last step returns
 * the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export async function* sampleEuler(
  sampling: Sampling,
  options: OdeOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { process } = sampling
  const { ode } = process
  const { times, networkTimes } = odeGrid(process, options)
  const { steps } = options
  const network = estimator(process, sampling.denoise)
  let x = begin(sampling)
  for (let i = 0; i < steps; i++) {
    const [time, nextTime] = [times[i], times[i + 1]]
    const { data, noise } = await network.estimate(x, time, {
      networkTime: networkTimes[i],
      consistent: true,
    })
    const next = like(x)
    if (i === steps - 1 && ode.last !== process.end) {
      next.values.set(data.values)
    } else {
      const scale = ode.scale(nextTime)
      const kept = scale / ode.scale(time)
      const stride = scale * (ode.clock(nextTime) - ode.clock(time))
      const velocity = ode.velocity(time)
      for (let j = 0; j < next.values.length; j++) {
        next.values[j] =
          kept * x.values[j] + stride * (velocity.data * data.values[j] + velocity.noise * noise.values[j])
      }
    }
    x = next
    sampling.project?.(x, nextTime, i + 1)
    yield {
      step: i + 1,
      steps,
      time: nextTime,
      x: { ...x, values: x.values.slice() },
      denoised: data,
      evaluations: network.evaluations,
    }
  }
}

/** The times that the Runge–Kutta methods of fixed steps visit. @throws InputError for steps or a spacing that do not fit the process */
export function odeGrid(process: Process, options: OdeOptions): TimeGrid {
  return timeGrid(process, options, { whole: false, skipsZero: false })
}
