import { fixedSteps, type OdeOptions } from './fixed-steps.ts'
import { like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * Heun's second-order method: algorithm 1 of "Elucidating the Design Space of Diffusion-Based Generative
 * Models" (Karras et al. 2022, arXiv 2206.00364) without its added noise, in σ/α for DDPM (diffusers'
 * HeunDiscrete) and in t for flow matching. Two network evaluations a step; DDPM's last step is one
 * evaluation and returns the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export function sampleHeun(
  sampling: Sampling,
  options: OdeOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { process } = sampling
  const { ode } = process
  return fixedSteps(sampling, options, async ({ x, time, nextTime, nextNetworkTime, first, network }) => {
    const scale = ode.scale(nextTime)
    const kept = scale / ode.scale(time)
    const stride = scale * (ode.clock(nextTime) - ode.clock(time))
    const velocity = ode.velocity(time)
    const nextVelocity = ode.velocity(nextTime)
    const guess = like(x)
    for (let j = 0; j < guess.values.length; j++) {
      guess.values[j] =
        kept * x.values[j] +
        stride * (velocity.data * first.data.values[j] + velocity.noise * first.noise.values[j])
    }
    const networkTime = nextNetworkTime ?? process.networkTime(nextTime)
    const second = await network.estimate(guess, nextTime, { networkTime, consistent: true })
    const next = like(x)
    for (let j = 0; j < next.values.length; j++) {
      next.values[j] =
        kept * x.values[j] +
        (stride / 2) *
          (velocity.data * first.data.values[j] +
            velocity.noise * first.noise.values[j] +
            nextVelocity.data * second.data.values[j] +
            nextVelocity.noise * second.noise.values[j])
    }
    return next
  })
}
