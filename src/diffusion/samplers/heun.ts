import { estimator } from '../denoise.ts'
import { type OdeOptions, odeGrid } from './euler.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * Heun's second-order method: algorithm 1 of "Elucidating the Design Space of Diffusion-Based Generative
 * Models" (Karras et al. 2022, arXiv 2206.00364) without its added noise, in σ/α for DDPM (diffusers'
 * HeunDiscrete) and in t for flow matching. Two network evaluations a step; DDPM's last step is one
 * evaluation and returns the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export async function* sampleHeun(
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
    const first = await network.estimate(x, time, { networkTime: networkTimes[i], consistent: true })
    const next = like(x)
    if (i === steps - 1 && ode.last !== process.end) {
      next.values.set(first.data.values)
    } else {
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
      const networkTime = i + 1 < steps ? networkTimes[i + 1] : process.networkTime(nextTime)
      const second = await network.estimate(guess, nextTime, { networkTime, consistent: true })
      for (let j = 0; j < next.values.length; j++) {
        next.values[j] =
          kept * x.values[j] +
          (stride / 2) *
            (velocity.data * first.data.values[j] +
              velocity.noise * first.noise.values[j] +
              nextVelocity.data * second.data.values[j] +
              nextVelocity.noise * second.noise.values[j])
      }
    }
    x = next
    sampling.project?.(x, nextTime, i + 1)
    yield {
      step: i + 1,
      steps,
      time: nextTime,
      x: { ...x, values: x.values.slice() },
      denoised: first.data,
      evaluations: network.evaluations,
    }
  }
}
