import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'
import { normalRows } from './normal-rows.ts'
import { ridgeRegression } from './ridge.ts'
import { columnStatistics } from './statistics.ts'

/** E‖n‖²/D of the noise: 1 for N(0, I), less where a coupling favours short noise. */
export function normEnergy({ values }: Rows): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum / values.length
}

/**
 * Mean distance of data to its chosen noise over that to independent noise: 1 for no coupling, less for one.
 *
 * @param data [P, D]
 * @param noise [P, D]
 * @param rng draws the independent noise
 */
export function relativeDistance(data: Rows, noise: Rows, rng: Rng): number {
  return meanDistance(data, noise) / meanDistance(data, normalRows(rng, data.rows, data.columns))
}

function meanDistance(a: Rows, b: Rows): number {
  let total = 0
  for (let i = 0; i < a.rows; i++) {
    let sum = 0
    for (let k = i * a.columns; k < (i + 1) * a.columns; k++) sum += (a.values[k] - b.values[k]) ** 2
    total += Math.sqrt(sum)
  }
  return total / a.rows
}

/**
 * How much of the condition a linear probe reads from the noise: ridge regression fitted on the even rows,
 * and the share of the variance it explains on the odd ones, averaged over the condition's coordinates that
 * vary. Chance is 0 (a little below, by overfitting); sampling starts from noise that tells nothing, so
 * training noise should not either.
 *
 * @param noise [P, D]; P well above 2·D
 * @param condition [P, C]
 * @returns R², at most 1; 0 where no coordinate varies
 * @throws InputError if the rows do not fit each other or are fewer than four
 */
export function probe(noise: Rows, condition: Rows): number {
  if (noise.rows !== condition.rows || noise.rows < 4) {
    throw new InputError(
      `A probe of ${noise.rows} rows of noise and ${condition.rows} conditions is not possible; give equally many, at least 4.`,
    )
  }
  const fitted = ridgeRegression(everyOther(noise, 0), everyOther(condition, 0), 1e-3)
  const truth = everyOther(condition, 1)
  const predicted = fitted(everyOther(noise, 1))
  const { mean, deviation } = columnStatistics(truth)
  let total = 0
  let varying = 0
  for (let k = 0; k < truth.columns; k++) {
    if (deviation[k] <= 1e-6 * (1 + Math.abs(mean[k]))) continue
    let error = 0
    for (let i = k; i < truth.values.length; i += truth.columns)
      error += (truth.values[i] - predicted[i]) ** 2
    total += 1 - error / (truth.rows * deviation[k] ** 2)
    varying++
  }
  return varying === 0 ? 0 : total / varying
}

function everyOther({ values, rows, columns }: Rows, first: number): Rows {
  const count = Math.ceil((rows - first) / 2)
  const out = new Float32Array(count * columns)
  for (let i = 0; i < count; i++) {
    const start = (first + 2 * i) * columns
    out.set(values.subarray(start, start + columns), i * columns)
  }
  return { values: out, rows: count, columns }
}
