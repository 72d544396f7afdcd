import type { Rows } from '../../rows.ts'
import { estimator } from '../denoise.ts'
import type { Process } from '../process.ts'
import { type GridOptions, type TimeGrid, timeGrid } from '../time-grid.ts'
import { begin, type SamplerStep, type Sampling } from './sampler.ts'

/** Settings of `sampleEuler`, `sampleHeun` and `sampleMidpoint`. */
export type OdeOptions = GridOptions

type Network = ReturnType<typeof estimator>

/** Where a step begins, and what the network says there. */
export interface StepStart {
  /** [samples, numbers], not to be changed. */
  readonly x: Rows
  readonly time: number
  readonly nextTime: number
  /** What the network is told at `nextTime`, where the grid says so. */
  readonly nextNetworkTime: number | undefined
  /** The estimate at `time`. */
  readonly first: Awaited<ReturnType<Network['estimate']>>
  readonly network: Network
}

/**
 * What the Runge–Kutta methods of fixed steps share: the grid of times, the first estimate of each step, a last step
 * of DDPM that returns the predicted data, and the projection.
 *
 * @param advance carries x to the next time
 * @throws InputError for steps or a spacing that do not fit the process
 */
export async function* fixedSteps(
  sampling: Sampling,
  options: OdeOptions,
  advance: (start: StepStart) => Promise<Rows>,
): AsyncGenerator<SamplerStep, void, undefined> {
  const { process } = sampling
  const { times, networkTimes } = odeGrid(process, options)
  const { steps } = options
  const network = estimator(process, sampling.denoise)
  let x = begin(sampling)
  for (let i = 0; i < steps; i++) {
    const [time, nextTime] = [times[i], times[i + 1]]
    const first = await network.estimate(x, time, { networkTime: networkTimes[i], consistent: true })
    const isData = i === steps - 1 && process.ode.last !== process.end
    const nextNetworkTime = i + 1 < steps ? networkTimes[i + 1] : undefined
    x = isData
      ? { ...first.data, values: first.data.values.slice() }
      : await advance({ x, time, nextTime, nextNetworkTime, first, network })
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

/** The times that the Runge–Kutta methods of fixed steps visit. @throws InputError for steps or a spacing that do not fit the process */
export function odeGrid(process: Process, options: OdeOptions): TimeGrid {
  return timeGrid(process, options, { whole: false, skipsZero: false })
}
