import { fixedSteps, type OdeOptions } from './fixed-steps.ts'
import { like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * Euler's method for the path from noise to data. For DDPM that is the first-order sampler in σ/α of Karras
 * et al. (2022, arXiv 2206.00364; k-diffusion's `sample_euler`, diffusers' EulerDiscrete), for flow matching
 * x ← x + Δt·velocity (diffusers' FlowMatchEuler). One network evaluation a step; DDPM's last step returns
 * the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export function sampleEuler(
  sampling: Sampling,
  options: OdeOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { ode } = sampling.process
  return fixedSteps(sampling, options, async ({ x, time, nextTime, first }) => {
    const scale = ode.scale(nextTime)
    const kept = scale / ode.scale(time)
    const stride = scale * (ode.clock(nextTime) - ode.clock(time))
    const velocity = ode.velocity(time)
    const next = like(x)
    for (let j = 0; j < next.values.length; j++) {
      next.values[j] =
        kept * x.values[j] +
        stride * (velocity.data * first.data.values[j] + velocity.noise * first.noise.values[j])
    }
    return next
  })
}
