import type { Rng } from '../random/rng.ts'
import { checkWhole } from './checks.ts'
import type { Process } from './process.ts'

/** A process' coefficients for every sample of a batch, [B] each: the inputs of a training step. */
export interface BatchCoefficients {
  readonly alpha: Float32Array
  readonly sigma: Float32Array
  /** Factor of the data in the regression target. */
  readonly targetData: Float32Array
  /** Factor of the noise in the regression target. */
  readonly targetNoise: Float32Array
  readonly weight: Float32Array
  readonly networkTime: Float32Array
}

/** Draws `count` training times, [count], in the process' own units. @throws InputError for count < 1 */
export function drawTimes(process: Process, rng: Rng, count: number): Float64Array {
  checkWhole('count', count, 1)
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) times[i] = process.sampleTime(rng)
  return times
}

/** The coefficients at each of `times`, [B], as float32. */
export function batchCoefficients(process: Process, times: ArrayLike<number>): BatchCoefficients {
  const count = times.length
  const alpha = new Float32Array(count)
  const sigma = new Float32Array(count)
  const targetData = new Float32Array(count)
  const targetNoise = new Float32Array(count)
  const weight = new Float32Array(count)
  const networkTime = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const t = times[i]
    const target = process.target(t)
    alpha[i] = process.alpha(t)
    sigma[i] = process.sigma(t)
    targetData[i] = target.data
    targetNoise[i] = target.noise
    weight[i] = process.weight(t)
    networkTime[i] = process.networkTime(t)
  }
  return { alpha, sigma, targetData, targetNoise, weight, networkTime }
}

/** What the data that a network sees at each of `times` are made of, [B] each, as float32. */
export function estimateCoefficients(process: Process, times: ArrayLike<number>) {
  const each = (value: (t: number) => number) => Float32Array.from(times, value)
  return {
    alpha: each(process.alpha),
    sigma: each(process.sigma),
    /** As the network's embedding sees it. */
    time: each(process.networkTime),
    /** Factor of the noisy sample at the network's input. */
    input: each((t) => process.inputScale?.(t) ?? 1),
    /** Factors of the network's prediction and of the noisy sample in the data. */
    prediction: each((t) => process.toData(t).prediction),
    sample: each((t) => process.toData(t).sample),
  }
}
