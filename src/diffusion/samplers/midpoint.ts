import type { Rows } from '../../rows.ts'
import { estimator } from '../denoise.ts'
import { type OdeOptions, odeGrid } from './euler.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'

/**
 * The explicit midpoint method, of second order (Runge 1895; torchdiffeq's `midpoint`): the velocity half a step
 * ahead carries the whole step. In t for flow matching, in σ/α for DDPM, whose network is asked between its steps.
 * Two network evaluations a step; DDPM's last step is one evaluation and returns the predicted data.
 *
 * @throws InputError for steps or a spacing that do not fit the process
 */
export async function* sampleMidpoint(
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
    let next: Rows = { ...first.data, values: first.data.values.slice() }
    if (i < steps - 1 || ode.last === process.end) {
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
      next = carried(nextTime, stride, middle, await network.estimate(half, middle, { consistent: true }))
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
