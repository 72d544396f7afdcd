import jstat from 'jstat'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { checkPositive, checkWhole } from './checks.ts'
import type { Process } from './process.ts'

/** Settings of a {@link consistency} process; the defaults are the paper's for CIFAR-10. */
export interface ConsistencyOptions {
  /** ε, the noise level at which the model returns what it is given; 0.002 by default. */
  readonly sigmaMin?: number
  /** T, the noise level that samples start from; 80 by default. */
  readonly sigmaMax?: number
  /** Standard deviation of the data; 0.5 by default. */
  readonly sigmaData?: number
  /** Noise levels of the grid in the first and in the last stage of training, less one; 10 and 1,280 by default. */
  readonly intervals?: readonly [number, number]
  /** Mean and standard deviation of the logarithm of the noise levels that are trained; −1.1 and 2 by default. */
  readonly logSigma?: readonly [number, number]
  /** The network sees `timeScale`·¼·ln σ; 1,000 by default, as sinusoidal embeddings are made for whole steps. */
  readonly timeScale?: number
}

/** What training a network to agree with itself needs to know. */
export interface SelfConsistency {
  /** Number of noise levels of the grid at step `step` of `steps`. */
  levels(step: number, steps: number): number
  /** Draws two neighbouring times of that grid; `nearer` is nearer to the data. */
  draw(rng: Rng, step: number, steps: number): { readonly time: number; readonly nearer: number }
  /** c of the pseudo-Huber distance √(|a − b|² + c²) − c of rows of `columns` numbers. */
  huber(columns: number): number
}

/** Spaces the grid, as in Karras et al. 2022. */
const RHO = 7

/**
 * Consistency models (Song et al. 2023, arXiv 2303.01469) with the improved training of Song & Dhariwal, "Improved
 * Techniques for Training Consistency Models" (2023, arXiv 2310.14189): a network that maps any noisy sample to
 * the clean end of its path at once, and learns that by agreeing with itself at neighbouring noise levels.
 *
 * The time is the noise level σ itself, from `sigmaMax` to 0, in the coordinates in which the variance is kept:
 * x_t = (data + σ·noise) / √(1 + σ²), so that sampling starts from noise of unit variance. The network's output F
 * gives the data as c_skip(σ)·(data + σ·noise) + c_out(σ)·F, with c_skip = σ_data² / ((σ − ε)² + σ_data²) and
 * c_out = σ_data·(σ − ε) / √(σ² + σ_data²), which are 1 and 0 at σ = ε; its input is scaled by
 * c_in = 1 / √(σ² + σ_data²).
 *
 * @throws InputError for settings that are not positive or in the wrong order
 */
export function consistency({
  sigmaMin = 0.002,
  sigmaMax = 80,
  sigmaData = 0.5,
  intervals = [10, 1280],
  logSigma = [-1.1, 2],
  timeScale = 1000,
}: ConsistencyOptions = {}): Process {
  for (const [key, value] of Object.entries({ sigmaMin, sigmaMax, sigmaData, timeScale })) {
    checkPositive(key, value)
  }
  checkPositive('logSigma[1]', logSigma[1])
  for (const [i, count] of intervals.entries()) checkWhole(`intervals[${i}]`, count, 1)
  if (sigmaMin >= sigmaMax || intervals[0] > intervals[1]) {
    throw new InputError(
      `A consistency process goes from sigmaMin ${sigmaMin} up to sigmaMax ${sigmaMax} and from ${intervals[0]} intervals up to ${intervals[1]}; give the smaller one first.`,
    )
  }
  const alpha = (t: number) => 1 / Math.sqrt(1 + t * t)
  const sigma = (t: number) => t / Math.sqrt(1 + t * t)
  const skip = (t: number) => sigmaData ** 2 / (Math.max(0, t - sigmaMin) ** 2 + sigmaData ** 2)
  const out = (t: number) => (sigmaData * Math.max(0, t - sigmaMin)) / Math.hypot(t, sigmaData)
  const toData = (t: number) => ({ prediction: out(t), sample: skip(t) / alpha(t) })
  const training = selfConsistency(sigmaMin, sigmaMax, intervals, logSigma)
  return {
    type: 'consistency',
    name: `consistency(sigmaMin=${sigmaMin}, sigmaMax=${sigmaMax}, sigmaData=${sigmaData})`,
    start: sigmaMax,
    end: 0,
    ode: {
      scale: alpha,
      clock: (t) => t,
      timeAt: (clock) => clock,
      velocity: () => ({ data: 0, noise: 1 }),
      last: sigmaMin,
    },
    consistency: training,
    sampleTime: (rng) => training.draw(rng, 1, 1).time,
    alpha,
    sigma,
    target: (t) => ({ data: (1 - skip(t)) / out(t), noise: (-skip(t) * t) / out(t) }),
    weight: () => 1,
    networkTime: (t) => (timeScale * Math.log(t)) / 4,
    inputScale: (t) => 1 / (alpha(t) * Math.hypot(t, sigmaData)),
    toData,
    toNoise: (t) => {
      const { prediction, sample } = toData(t)
      return { prediction: -prediction / t, sample: (1 / alpha(t) - sample) / t }
    },
  }
}

/** Grids of noise levels that get finer while training goes on, and how often each level is drawn. */
function selfConsistency(
  sigmaMin: number,
  sigmaMax: number,
  [first, last]: readonly [number, number],
  [mean, deviation]: readonly [number, number],
): SelfConsistency {
  const grids = new Map<number, { readonly times: Float64Array; readonly shares: Float64Array }>()
  const grid = (count: number) => {
    let made = grids.get(count)
    if (!made) {
      const times = noiseLevels(sigmaMin, sigmaMax, count)
      made = { times, shares: cumulativeShares(times, mean, deviation) }
      grids.set(count, made)
    }
    return made
  }
  // The second paper's schedule: the number of intervals doubles after equally long stages.
  const levels = (step: number, steps: number) => {
    const exact = steps / (Math.log2(Math.floor(last / first)) + 1)
    const stage = exact < 1 ? exact : Math.floor(exact)
    return Math.min(first * 2 ** Math.floor(step / stage), last) + 1
  }
  return {
    levels,
    draw(rng, step, steps) {
      const { times, shares } = grid(levels(step, steps))
      const drawn = rng.uniform()
      let low = 0
      let high = shares.length - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if (shares[middle] > drawn) high = middle
        else low = middle + 1
      }
      return { time: times[low + 1], nearer: times[low] }
    },
    huber: (columns) => 0.00054 * Math.sqrt(columns),
  }
}

/** σ_1 = `low` … σ_count = `high`, equally spaced in their seventh roots, rising. */
export function noiseLevels(low: number, high: number, count: number): Float64Array {
  const [from, to] = [low ** (1 / RHO), high ** (1 / RHO)]
  return Float64Array.from({ length: count }, (_, i) => {
    if (i === 0) return low
    return i === count - 1 ? high : (from + (i / (count - 1)) * (to - from)) ** RHO
  })
}

/** Shares of a log-normal distribution between neighbouring levels, added up to 1, [levels − 1]. */
function cumulativeShares(times: Float64Array, mean: number, deviation: number): Float64Array {
  const below = Float64Array.from(times, (t) => jstat.normal.cdf(Math.log(t), mean, deviation))
  const total = below[below.length - 1] - below[0]
  const shares = below.subarray(1).map((value) => (value - below[0]) / total)
  shares[shares.length - 1] = 1
  return shares
}
