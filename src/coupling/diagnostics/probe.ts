import { InputError } from '../../errors.ts'
import type { Rng } from '../../random/rng.ts'
import { type Rows, zeroRows } from '../../rows.ts'
import { innerProducts } from '../distances.ts'
import { ridgeRegression } from '../ridge.ts'
import { columnStatistics } from '../statistics.ts'
import { takeRows } from '../take-rows.ts'

/** Penalty of the probes' weights. */
const PENALTY = 1e-3
/** Most columns of noise that a probe looks at; beyond, it looks at as many random directions. */
const WIDEST = 256
/** Hidden units of the probe that is not linear. */
const HIDDEN = 192
/** Shuffles that give the chance level: the greatest of 19 is exceeded by chance once in twenty times. */
const SHUFFLES = 19

/** What a probe reads, and what it would read from noise that tells nothing. */
export interface ProbeResult {
  /** R² of a regression or accuracy of a classification, on samples that it was not fitted on. */
  readonly value: number
  /** Mean of the same over shuffled conditions. */
  readonly chance: number
  /** The greatest of the same over 19 shuffles: exceeded by chance once in twenty times. */
  readonly limit: number
}

/** {@link ProbeResult} of the linear probe, and of one that bends. */
export interface Probes {
  readonly linear: ProbeResult
  /** Ridge regression on the noise and on random rectified combinations of it: a small network. */
  readonly bent: ProbeResult
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
  checkProbe(noise, condition.rows)
  return explained(noise, condition, 1)[0]
}

/**
 * {@link probe} and one that is not linear, with their chance levels.
 *
 * @param noise [P, D]; P well above 1,000
 * @param condition [P, C]
 * @param rng draws the shuffles and the second probe's features
 */
export function probeCondition(noise: Rows, condition: Rows, rng: Rng): Probes {
  checkProbe(noise, condition.rows)
  const targets = withShuffles(condition, rng.fork('shuffles'))
  return bothProbes(noise, rng, (features) => explained(features, targets, SHUFFLES + 1))
}

/**
 * The same for classes: the share of the samples whose label a probe names rightly.
 *
 * @param labels [P]
 */
export function probeLabels(noise: Rows, labels: Int32Array, rng: Rng): Probes {
  checkProbe(noise, labels.length)
  const names = [...new Set(labels)].sort((a, b) => a - b)
  const places = new Map(names.map((name, k) => [name, k]))
  const oneHot = zeroRows(labels.length, names.length)
  labels.forEach((label, i) => {
    oneHot.values[i * names.length + places.get(label)!] = 1
  })
  const targets = withShuffles(oneHot, rng.fork('shuffles'))
  return bothProbes(noise, rng, (features) => accuracies(features, targets, SHUFFLES + 1))
}

function checkProbe(noise: Rows, conditions: number): void {
  if (noise.rows !== conditions || noise.rows < 4) {
    throw new InputError(
      `A probe of ${noise.rows} rows of noise and ${conditions} conditions is not possible; give equally many, at least 4.`,
    )
  }
}

function bothProbes(noise: Rows, rng: Rng, read: (features: Rows) => Float64Array): Probes {
  const plain = narrowed(noise, rng.fork('directions'))
  const result = ([value, ...shuffled]: Float64Array): ProbeResult => ({
    value,
    chance: shuffled.reduce((sum, each) => sum + each, 0) / shuffled.length,
    limit: Math.max(...shuffled),
  })
  return { linear: result(read(plain)), bent: result(read(bent(plain, rng.fork('features')))) }
}

/** The condition, and beside it copies with shuffled rows: [P, (1 + SHUFFLES)·C]. */
function withShuffles(condition: Rows, rng: Rng): Rows {
  const { values, rows, columns } = condition
  const out = zeroRows(rows, (SHUFFLES + 1) * columns)
  for (let copy = 0; copy <= SHUFFLES; copy++) {
    const { values: from } = copy === 0 ? { values } : takeRows(condition, rng.permutation(rows))
    for (let i = 0; i < rows; i++) {
      out.values.set(from.subarray(i * columns, (i + 1) * columns), i * out.columns + copy * columns)
    }
  }
  return out
}

/** As many random directions of wide noise as a probe can look at. */
function narrowed(noise: Rows, rng: Rng): Rows {
  if (noise.columns <= WIDEST) return noise
  return projected(noise, WIDEST, rng, (sum) => sum)
}

/** The noise, and beside it random rectified combinations. */
function bent(noise: Rows, rng: Rng): Rows {
  const hidden = projected(noise, HIDDEN, rng, (sum, shift) => Math.max(0, sum + shift))
  const out = zeroRows(noise.rows, noise.columns + HIDDEN)
  for (let i = 0; i < noise.rows; i++) {
    out.values.set(noise.values.subarray(i * noise.columns, (i + 1) * noise.columns), i * out.columns)
    const own = hidden.values.subarray(i * HIDDEN, (i + 1) * HIDDEN)
    out.values.set(own, i * out.columns + noise.columns)
  }
  return out
}

function projected(
  { values, rows, columns }: Rows,
  count: number,
  rng: Rng,
  shape: (sum: number, shift: number) => number,
): Rows {
  const weights = rng.fillNormal(new Float32Array(count * columns))
  const shifts = rng.fillNormal(new Float32Array(count))
  const scale = 1 / Math.sqrt(columns)
  const out = innerProducts({ values, rows, columns }, { values: weights, rows: count, columns })
  for (let at = 0; at < out.values.length; at++)
    out.values[at] = shape(out.values[at] * scale, shifts[at % count])
  return out
}

/** Fits on the even rows, and gives the odd rows' targets and what is predicted for them. */
function heldOut(features: Rows, targets: Rows): { truth: Rows; predicted: Float64Array } {
  const fitted = ridgeRegression(everyOther(features, 0), everyOther(targets, 0), PENALTY)
  return { truth: everyOther(targets, 1), predicted: fitted(everyOther(features, 1)) }
}

/** R² of each of `groups` equal groups of columns, over those columns that vary. */
function explained(features: Rows, targets: Rows, groups: number): Float64Array {
  const { truth, predicted } = heldOut(features, targets)
  const { mean, deviation } = columnStatistics(truth)
  const width = truth.columns / groups
  return Float64Array.from({ length: groups }, (_, group) => {
    let total = 0
    let varying = 0
    for (let k = group * width; k < (group + 1) * width; k++) {
      if (deviation[k] <= 1e-6 * (1 + Math.abs(mean[k]))) continue
      let error = 0
      for (let i = k; i < truth.values.length; i += truth.columns)
        error += (truth.values[i] - predicted[i]) ** 2
      total += 1 - error / (truth.rows * deviation[k] ** 2)
      varying++
    }
    return varying === 0 ? 0 : total / varying
  })
}

/** Share of the rows of which the greatest predicted column of a group is the one that is set. */
function accuracies(features: Rows, targets: Rows, groups: number): Float64Array {
  const { truth, predicted } = heldOut(features, targets)
  const width = truth.columns / groups
  return Float64Array.from({ length: groups }, (_, group) => {
    let right = 0
    for (let i = 0; i < truth.rows; i++) {
      const start = i * truth.columns + group * width
      let best = 0
      for (let k = 1; k < width; k++) if (predicted[start + k] > predicted[start + best]) best = k
      right += truth.values[start + best]
    }
    return right / truth.rows
  })
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
