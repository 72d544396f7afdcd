import { fixedSteps, type OdeOptions } from './fixed-steps.ts'
import { like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * The explicit midpoint method, of second order (Runge 1895; torchdiffeq's `midpoint`): the velocity half a step
 * ahead carries the whole step. In t for flow matching, in σ/α for DDPM, whose network is asked between its steps.
 * Two network evaluations a step; DDPM's last step is one evaluation and returns the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export function sampleMidpoint(
  sampling: Sampling,
  options: OdeOptions,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { ode } = sampling.process
  return fixedSteps(sampling, options, async ({ x, time, nextTime, first, network }) => {
    const clock = ode.clock(time)
    const stride = ode.clock(nextTime) - clock
    const middle = ode.timeAt(clock + stride / 2)
    /** x carried from `time` to `to` with the velocity at `at`. */
    const carried = (to: number, length: number, at: number, { data, noise }: typeof first) => {
      const scale = ode.scale(to)
      const kept = scale / ode.scale(time)
      const velocity = ode.velocity(at)
      const moved = like(x)
      for (let j = 0; j < moved.values.length; j++) {
        moved.values[j] =
          kept * x.values[j] +
          scale * length * (velocity.data * data.values[j] + velocity.noise * noise.values[j])
      }
      return moved
    }
    const half = carried(middle, stride / 2, time, first)
    return carried(nextTime, stride, middle, await network.estimate(half, middle, { consistent: true }))
  })
}
