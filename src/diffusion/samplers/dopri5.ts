import { FailureError } from '../../errors.ts'
import { checkPositive, checkWhole } from '../checks.ts'
import { estimator } from '../denoise.ts'
import { begin, like, type SamplerStep, type Sampling } from './sampler.ts'
import { ERROR, NODES, STAGES } from './tableau.ts'

/** Settings of {@link sampleDopri5}. */
export interface Dopri5Options {
  /** Relative tolerance; 1e-5 by default. */
  readonly rtol?: number
  /** Absolute tolerance; 1e-5 by default. */
  readonly atol?: number
  /** Network evaluations after which it gives up; 10,000 by default. */
  readonly maxEvaluations?: number
}

/**
 * The adaptive Runge–Kutta method of order 5(4) of Dormand & Prince (1980), with the step control of
 * torchdiffeq: a step is taken when the root mean square over the **whole batch** of
 * error / (atol + rtol·max(|y|, |y'|)) is at most 1, and the next one is 0.9·ratio^(−1/5) times as long,
 * between 0.2 and 10 times; the first step by Hairer, Nørsett & Wanner (1993), II.4. As all rows share the
 * step size, a row's result depends on its batch, within the tolerance.
 *
 * Integrates t for flow matching. For DDPM it integrates σ/α from step T−1 to step 0 and ends with the
 * predicted data. Yields every accepted step; `evaluations` is the number of function evaluations.
 *
 * @throws InputError for tolerances that are not positive, FailureError if the step size vanishes or
 *   `maxEvaluations` is reached
 */
export async function* sampleDopri5(
  sampling: Sampling,
  { rtol = 1e-5, atol = 1e-5, maxEvaluations = 10_000 }: Dopri5Options = {},
): AsyncGenerator<SamplerStep, void, undefined> {
  checkPositive('rtol', rtol)
  checkPositive('atol', atol)
  checkWhole('maxEvaluations', maxEvaluations, 1)
  const { process, project } = sampling
  const { ode } = process
  const network = estimator(process, sampling.denoise)
  const size = sampling.noise.values.length
  const end = ode.clock(ode.last)
  const direction = Math.sign(end - ode.clock(process.start))
  let denoised = begin(sampling)

  /** Writes dy/dclock at y into `out`. */
  const slope = async (clock: number, y: Float64Array, out: Float64Array) => {
    if (network.evaluations >= maxEvaluations) {
      throw new FailureError(
        `dopri5 needs more than ${maxEvaluations} network evaluations at rtol ${rtol} and atol ${atol}; loosen the tolerances or raise "maxEvaluations".`,
      )
    }
    const t = ode.timeAt(clock)
    const estimate = await network.estimate(toRows(y, ode.scale(t)), t, { consistent: true })
    const velocity = ode.velocity(t)
    for (let i = 0; i < size; i++) {
      out[i] = velocity.data * estimate.data.values[i] + velocity.noise * estimate.noise.values[i]
    }
    denoised = estimate.data
  }
  const toRows = (y: Float64Array, scale: number) => {
    const rows = like(sampling.noise)
    for (let i = 0; i < size; i++) rows.values[i] = y[i] * scale
    return rows
  }
  /** Root mean square of `values` relative to the tolerance at y and `other`. */
  const norm = (values: Float64Array, y: Float64Array, other: Float64Array) => {
    let sum = 0
    for (let i = 0; i < size; i++) {
      sum += (values[i] / (atol + rtol * Math.max(Math.abs(y[i]), Math.abs(other[i])))) ** 2
    }
    return Math.sqrt(sum / size)
  }

  let clock = ode.clock(process.start)
  let y = Float64Array.from(denoised.values, (value) => value / ode.scale(process.start))
  let next = new Float64Array(size)
  const stages = Array.from({ length: 7 }, () => new Float64Array(size))
  const error = new Float64Array(size)
  await slope(clock, y, stages[0])
  let stride = direction * Math.min(await firstStride(), Math.abs(end - clock))
  let step = 0
  while (clock !== end) {
    if (clock + stride === clock) {
      throw new FailureError(
        `dopri5 cannot reach rtol ${rtol} and atol ${atol} at time ${ode.timeAt(clock)}, its steps vanish; loosen the tolerances.`,
      )
    }
    const last = Math.abs(stride) >= Math.abs(end - clock) * (1 - 1e-12)
    if (last) stride = end - clock
    for (let stage = 1; stage < 7; stage++) {
      combine(next, y, STAGES[stage - 1], stage)
      await slope(last && NODES[stage] === 1 ? end : clock + NODES[stage] * stride, next, stages[stage])
    }
    error.fill(0)
    combine(error, error, ERROR, 7)
    const ratio = norm(error, y, next)
    const shrink = ratio < 1 ? 1 : 0.2
    const factor = ratio === 0 ? 10 : Math.min(10, Math.max(0.9 * ratio ** -0.2, shrink))
    if (ratio <= 1) {
      clock = last ? end : clock + stride
      ;[y, next] = [next, y]
      step++
      const time = ode.timeAt(clock)
      const x = toRows(y, ode.scale(time))
      project?.(x, time, step)
      yield { step, time, x: { ...x, values: x.values.slice() }, denoised, evaluations: network.evaluations }
      if (project) for (let i = 0; i < size; i++) y[i] = x.values[i] / ode.scale(time)
      if (clock === end) break
      // First same as last: the seventh stage was evaluated at the new point, unless it was projected away.
      if (project) await slope(clock, y, stages[0])
      else [stages[0], stages[6]] = [stages[6], stages[0]]
    }
    stride *= factor
  }

  if (ode.last !== process.end) {
    const { data } = await network.estimate(toRows(y, ode.scale(ode.last)), ode.last)
    const x = { ...data, values: data.values.slice() }
    project?.(x, process.end, step + 1)
    yield { step: step + 1, time: process.end, x, denoised: data, evaluations: network.evaluations }
  }

  /** out ← base + stride · Σ weights·stages. */
  function combine(out: Float64Array, base: Float64Array, weights: readonly number[], count: number): void {
    if (out !== base) out.set(base)
    for (let k = 0; k < count; k++) {
      const weight = stride * weights[k]
      const stage = stages[k]
      if (weight !== 0) for (let i = 0; i < size; i++) out[i] += weight * stage[i]
    }
  }

  async function firstStride(): Promise<number> {
    const size0 = norm(y, y, y)
    const size1 = norm(stages[0], y, y)
    const trial = size0 < 1e-5 || size1 < 1e-5 ? 1e-6 : (0.01 * size0) / size1
    for (let i = 0; i < size; i++) next[i] = y[i] + direction * trial * stages[0][i]
    await slope(clock + direction * trial, next, stages[1])
    for (let i = 0; i < size; i++) error[i] = stages[1][i] - stages[0][i]
    const curvature = norm(error, y, y) / trial
    const steepest = Math.max(size1, curvature)
    const second = steepest <= 1e-15 ? Math.max(1e-6, trial * 1e-3) : (0.01 / steepest) ** 0.2
    return Math.min(100 * trial, second)
  }
}
