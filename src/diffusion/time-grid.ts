import { InputError, lookUp } from '../errors.ts'
import { checkPositive, checkWhole } from './checks.ts'
import { type DiscreteProcess, isDiscrete, type Process } from './process.ts'

/**
 * Which times of a discrete process a sampler visits.
 * - `linspace`: equally spaced from T−1 to 0. Euler and Heun keep fractional steps; DPM-Solver++ leaves 0
 *   out, as its last step already goes on to clean data.
 * - `leading`: multiples of ⌊T/steps⌋ from 0, plus `offset`. It starts short of T−1: with fewer than about
 *   five steps that shows.
 * - `trailing`: T−1 and down in steps of T/steps (Lin et al., "Common Diffusion Noise Schedules and Sample
 *   Steps are Flawed", 2024, arXiv 2305.08891).
 * - `karras`: σ/α spaced by its seventh root (Karras et al., "Elucidating the Design Space of
 *   Diffusion-Based Generative Models", 2022, arXiv 2206.00364, equation 5); the network is told the nearest
 *   whole step.
 */
export type DiscreteSpacing = 'linspace' | 'leading' | 'trailing' | 'karras'

/**
 * Which times of a flow a sampler visits.
 * - `uniform`: steps of 1/steps.
 * - `linspace`: `steps` times from t = 0 to t = 1 − σ_min with σ_min = 0.001, shifted, and then t = 1, as
 *   diffusers' FlowMatchEuler places them.
 */
export type FlowSpacing = 'uniform' | 'linspace'

/** Settings of the times that a sampler visits. */
export interface GridOptions {
  /** Number of steps, at least 1 and at most the training steps of a discrete process. */
  readonly steps: number
  readonly spacing?: DiscreteSpacing | FlowSpacing
  /** Discrete, `leading`: added to every time; 0 by default. */
  readonly offset?: number
  /** Flow: σ ← shift·σ / (1 + (shift − 1)·σ), σ = 1 − t; above 1 spends more steps near the noise. 1 by default. */
  readonly shift?: number
  /** Discrete: leaves out the noisiest times, those with ln(α/σ) below this; −∞ by default. */
  readonly minLambda?: number
}

/** What a sampler asks of a discrete grid. */
export interface GridStyle {
  /** Whether every time is a whole step. */
  readonly whole: boolean
  /** Whether time 0 is left out, because the last step goes from above it to clean data. */
  readonly skipsZero: boolean
}

/** The times that a sampler visits. */
export interface TimeGrid {
  /** Process times in sampling order; the last is the process' `end`, [steps + 1]. */
  readonly times: Float64Array
  /** What the network is told at each of them but the last, [steps]. */
  readonly networkTimes: Float64Array
}

/**
 * The times that a sampler visits.
 *
 * @throws InputError for steps that are not a whole number ≥ 1, more steps than the process has room for, a
 *   spacing or setting that does not fit the process
 */
export function timeGrid(process: Process, options: GridOptions, style: GridStyle): TimeGrid {
  checkWhole('steps', options.steps, 1)
  if (!isDiscrete(process)) {
    refuse(process, options, ['offset', 'minLambda'])
    const times = flowTimes(options)
    return { times, networkTimes: times.subarray(0, -1).map((t) => process.networkTime(t)) }
  }
  refuse(process, options, ['shift'])
  const grid = discreteGrid(process, options, style)
  for (let i = 0; i + 1 < grid.times.length; i++) {
    if (grid.times[i] > process.start || grid.times[i] <= grid.times[i + 1]) {
      throw new InputError(
        `A sampler with steps ${options.steps}, spacing "${options.spacing ?? 'linspace'}" and offset ${options.offset ?? 0} does not fit into the ${process.steps} steps of ${process.name}; use fewer steps or a smaller offset.`,
      )
    }
  }
  return grid
}

function discreteGrid(process: DiscreteProcess, options: GridOptions, style: GridStyle): TimeGrid {
  const { steps, spacing = 'linspace', offset = 0, minLambda = Number.NEGATIVE_INFINITY } = options
  if (steps > process.steps) {
    throw new InputError(
      `A sampler of ${steps} steps asks more of ${process.name} than its ${process.steps} training steps; use at most ${process.steps}.`,
    )
  }
  checkWhole('offset', offset, 0)
  let size = process.steps
  while (size > 1 && -Math.log(process.ode.clock(size - 1)) < minLambda) size--
  return lookUp('time spacing', spacings, spacing)(process, size, steps, offset, style)
}

type Spacing = (
  process: DiscreteProcess,
  /** Leading training steps 0 … size − 1 that may be visited. */
  size: number,
  steps: number,
  offset: number,
  style: GridStyle,
) => TimeGrid

const spacings: Readonly<Record<DiscreteSpacing, Spacing>> = {
  linspace: (process, size, steps, _offset, { whole, skipsZero }) => {
    const intervals = skipsZero ? steps : steps - 1
    return spaced(process, steps, (i) => {
      const t = intervals === 0 ? size - 1 : ((size - 1) * (intervals - i)) / intervals
      return whole ? roundHalfEven(t) : t
    })
  },
  leading: (process, size, steps, offset, { skipsZero }) => {
    const places = skipsZero ? steps + 1 : steps
    return spaced(process, steps, (i) => (places - 1 - i) * Math.floor(size / places) + offset)
  },
  trailing: (process, size, steps) =>
    spaced(process, steps, (i) => roundHalfEven(size - (i * size) / steps) - 1),
  karras: karrasGrid,
}

function spaced(process: DiscreteProcess, steps: number, place: (i: number) => number): TimeGrid {
  const times = Float64Array.from({ length: steps + 1 }, (_, i) => (i < steps ? place(i) : process.end))
  return { times, networkTimes: times.subarray(0, -1).map((t) => process.networkTime(t)) }
}

function karrasGrid(process: DiscreteProcess, size: number, steps: number): TimeGrid {
  const { ode } = process
  const rho = 7
  const high = ode.clock(size - 1) ** (1 / rho)
  const low = ode.clock(0) ** (1 / rho)
  const times = new Float64Array(steps + 1)
  const networkTimes = new Float64Array(steps)
  times[steps] = process.end
  for (let i = 0; i < steps; i++) {
    const ratio = (high + (steps > 1 ? i / (steps - 1) : 0) * (low - high)) ** rho
    times[i] = Math.min(Math.max(ode.timeAt(ratio), 0), process.start)
    networkTimes[i] = process.networkTime(nearestStep(process, times[i], ratio))
  }
  return { times, networkTimes }
}

/** The whole step whose ln(σ/α) is nearest to that of `ratio`, which lies at the fractional time t. */
function nearestStep(process: DiscreteProcess, t: number, ratio: number): number {
  const below = Math.min(Math.floor(t), process.steps - 2)
  if (below < 0) return 0
  const low = Math.log(process.ode.clock(below))
  const high = Math.log(process.ode.clock(below + 1))
  return roundHalfEven(below + Math.min(Math.max((Math.log(ratio) - low) / (high - low), 0), 1))
}

function flowTimes({ steps, spacing = 'uniform', shift = 1 }: GridOptions): Float64Array {
  checkPositive('shift', shift)
  const shifted = (sigma: number) => (shift * sigma) / (1 + (shift - 1) * sigma)
  // The peer shifts its training table, takes σ_min from it and shifts again.
  const least = { uniform: 1 / steps, linspace: shifted(0.001) }
  const final = lookUp('time spacing of a flow', least, spacing)
  const times = new Float64Array(steps + 1)
  times[steps] = 1
  for (let i = 0; i < steps; i++) {
    const sigma = steps === 1 ? 1 : 1 + ((final - 1) * i) / (steps - 1)
    times[i] = 1 - shifted(sigma)
  }
  return times
}

function refuse(process: Process, options: GridOptions, keys: readonly (keyof GridOptions)[]): void {
  for (const key of keys) {
    if (options[key] !== undefined) {
      throw new InputError(`The setting "${key}" has no meaning for ${process.name}; leave it out.`)
    }
  }
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1
  return rest < 0.5 ? below : below + 1
}
