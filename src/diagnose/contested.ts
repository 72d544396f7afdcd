import { takeRows } from '../coupling/index.ts'
import { whitened } from '../coupling/whiten.ts'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'

/** Conditions that are looked at. */
const ANCHORS = 48
/** Passes of two-means. */
const PASSES = 12
/** A group counts as a mode from this share of the samples on. */
const LEAST_SHARE = 0.15

/** Samples that were given (nearly) one condition, and the two groups that they fall into. */
export interface Contest {
  /** Row of the sample whose condition it is. */
  readonly anchor: number
  /** The samples there, [n, D]. */
  readonly samples: Rows
  /** Group of each, 0 or 1, [n]. */
  readonly group: Uint8Array
  /** Mean of the groups' centroids, [D]. */
  readonly middle: Float32Array
  /** Unit vector from the first centroid to the second, [D]. */
  readonly axis: Float32Array
  /** Distance of the centroids. */
  readonly distance: number
  /** Standard deviation of the samples along the axis, within their groups. */
  readonly within: number
  /** Share of the second group. */
  readonly share: number
  /** `distance` / (2 · `within`): samples have two humps along the axis from about 1 on. */
  readonly gap: number
}

/**
 * Finds the condition at which the samples disagree most: of some conditions, that whose nearest samples fall most
 * clearly into two groups (two-means) that the condition itself does not tell apart.
 *
 * @param data [P, D]
 * @param condition [P, C]; absent where nothing is conditioned on: then all samples count
 * @param count samples to gather there at most
 * @throws InputError for fewer than four samples
 */
export function contested(data: Rows, condition: Rows | undefined, count: number, rng: Rng): Contest {
  if (data.rows < 4) {
    throw new InputError(`${data.rows} samples cannot disagree; give at least four.`)
  }
  const size = Math.min(count, data.rows)
  const places = condition && whitened(condition)
  if (!places || places.values.every((value) => value === 0)) {
    const chosen = rng.permutation(data.rows).subarray(0, size).sort()
    return split(takeRows(data, chosen), chosen[0])
  }
  let best: Contest | undefined
  let most = -1
  for (const anchor of rng.permutation(data.rows).subarray(0, ANCHORS)) {
    const near = nearestTo(places, anchor, size)
    const found = split(takeRows(data, near), anchor)
    const lesser = Math.min(found.share, 1 - found.share)
    const told = tellsApart(takeRows(places, near), found.group)
    const score = (found.gap * Math.min(1, lesser / LEAST_SHARE)) / (1 + told)
    if (score > most) {
      most = score
      best = found
    }
  }
  return best!
}

/** Rows nearest to a row, itself the first. */
function nearestTo(places: Rows, anchor: number, count: number): Int32Array {
  const own = row(places, anchor)
  const distance = Float64Array.from({ length: places.rows }, (_, i) =>
    row(places, i).reduce((sum, value, k) => sum + (value - own[k]) ** 2, 0),
  )
  return Int32Array.from(distance.keys())
    .sort((a, b) => distance[a] - distance[b] || a - b)
    .slice(0, count)
}

/** Two-means, begun at the median along the longest direction. */
function split(samples: Rows, anchor: number): Contest {
  const { rows: n, columns } = samples
  const along = projections(samples, longest(samples))
  const median = Float64Array.from(along).sort()[n >> 1]
  let group = Uint8Array.from(along, (value) => (value >= median ? 1 : 0))
  let means = centroids(samples, group)
  for (let pass = 0; pass < PASSES; pass++) {
    const next = Uint8Array.from({ length: n }, (_, i) =>
      squared(row(samples, i), row(means, 1)) < squared(row(samples, i), row(means, 0)) ? 1 : 0,
    )
    if (next.every((value, i) => value === group[i]) || next.every((value) => value === next[0])) break
    group = next
    means = centroids(samples, group)
  }
  const distance = Math.sqrt(squared(row(means, 0), row(means, 1)))
  const axis = new Float32Array(columns)
  const middle = new Float32Array(columns)
  for (let k = 0; k < columns; k++) {
    const [a, b] = [means.values[k], means.values[columns + k]]
    axis[k] = distance > 0 ? (b - a) / distance : 0
    middle[k] = (a + b) / 2
  }
  const placed = projections(samples, axis)
  const sums = [0, 0]
  const counts = [0, 0]
  placed.forEach((value, i) => {
    sums[group[i]] += value
    counts[group[i]]++
  })
  const spread = placed.reduce(
    (sum, value, i) => sum + (value - sums[group[i]] / Math.max(1, counts[group[i]])) ** 2,
    0,
  )
  const within = Math.sqrt(spread / n)
  return {
    anchor,
    samples,
    group,
    middle,
    axis,
    distance,
    within,
    share: counts[1] / n,
    gap: distance / (2 * Math.max(within, 1e-9 * (distance || 1))),
  }
}

/** Direction of the greatest variance, by power iteration. */
function longest(samples: Rows): Float32Array {
  const { rows: n, columns } = samples
  const mean = new Float64Array(columns)
  for (let i = 0; i < samples.values.length; i++) mean[i % columns] += samples.values[i] / n
  const centred = rows(
    samples.values.map((value, i) => value - mean[i % columns]),
    n,
    columns,
  )
  let direction = Float32Array.from({ length: columns }, (_, k) => 1 + (k % 7) / 7)
  for (let pass = 0; pass < PASSES; pass++) {
    const weights = projections(centred, direction)
    const next = new Float32Array(columns)
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < columns; k++) next[k] += weights[i] * centred.values[i * columns + k]
    }
    const norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0))
    if (norm === 0) break
    direction = next.map((value) => value / norm)
  }
  return direction
}

/** Coordinate of each row along a direction, [n]. */
export function projections(samples: Rows, direction: Float32Array): Float64Array {
  return Float64Array.from({ length: samples.rows }, (_, i) => {
    let sum = 0
    for (let k = 0, at = i * samples.columns; k < samples.columns; k++) {
      sum += samples.values[at + k] * direction[k]
    }
    return sum
  })
}

function centroids(samples: Rows, group: Uint8Array): Rows {
  const { columns } = samples
  const out = zeroRows(2, columns)
  const counts = [0, 0]
  for (const which of group) counts[which]++
  group.forEach((which, i) => {
    for (let k = 0; k < columns; k++) {
      out.values[which * columns + k] += samples.values[i * columns + k] / counts[which]
    }
  })
  return out
}

/** How many deviations the two groups lie apart in the coordinate that tells them best. */
function tellsApart(places: Rows, group: Uint8Array): number {
  const means = centroids(places, group)
  let most = 0
  for (let k = 0; k < places.columns; k++) {
    let spread = 0
    group.forEach((which, i) => {
      spread += (places.values[i * places.columns + k] - means.values[which * places.columns + k]) ** 2
    })
    const deviation = Math.sqrt(spread / places.rows)
    const apart = Math.abs(means.values[k] - means.values[places.columns + k])
    if (apart > 0) most = Math.max(most, apart / Math.max(deviation, 1e-9))
  }
  return most
}

function squared(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2
  return sum
}
