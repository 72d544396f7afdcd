import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'

/** Shares of samples near real images, and of real images near samples. */
export interface PrecisionRecall {
  /** Of the samples: how many lie in the real images' neighbourhoods (are they good?). */
  readonly precision: number
  /** Of the real images: how many lie in the samples' neighbourhoods (are all kinds there?). */
  readonly recall: number
}

/** The union of balls around points. */
export interface Manifold {
  /** [N, D] */
  readonly points: Rows
  /** Squared radius of each ball, [N]. */
  readonly radii: Float64Array
}

/**
 * The manifold of a set: balls around its points that just reach their `neighbours`-th neighbour.
 *
 * @throws InputError for a set that is too small
 */
export function manifold(points: Rows, neighbours = 3): Manifold {
  if (points.rows <= neighbours) {
    throw new InputError(
      `${points.rows} images have no ${neighbours}-th neighbours; measure more than ${neighbours}.`,
    )
  }
  return { points, radii: radii(points, neighbours) }
}

/** Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991). */
export function precisionRecall(real: Manifold, samples: Manifold): PrecisionRecall {
  return { precision: covered(samples.points, real), recall: covered(real.points, samples) }
}

/** Squared distance of each row to its k-th nearest other row. */
function radii(set: Rows, k: number): Float64Array {
  return Float64Array.from({ length: set.rows }, (_, i) => {
    const nearest = new Float64Array(k).fill(Number.POSITIVE_INFINITY)
    for (let j = 0; j < set.rows; j++) {
      if (j === i) continue
      let distance = squaredDistance(set, i, set, j, nearest[k - 1])
      for (let place = 0; place < k && Number.isFinite(distance); place++) {
        if (distance >= nearest[place]) continue
        const held = nearest[place]
        nearest[place] = distance
        distance = held
      }
    }
    return nearest[k - 1]
  })
}

/** Share of `points` that lie in some ball. */
function covered(points: Rows, { points: centres, radii }: Manifold): number {
  let inside = 0
  for (let i = 0; i < points.rows; i++) {
    for (let j = 0; j < centres.rows; j++) {
      if (squaredDistance(points, i, centres, j, radii[j]) > radii[j]) continue
      inside++
      break
    }
  }
  return inside / points.rows
}

/** Stops as soon as it exceeds `limit`. */
function squaredDistance(a: Rows, i: number, b: Rows, j: number, limit: number): number {
  const { columns } = a
  const [from, to] = [i * columns, j * columns]
  let sum = 0
  for (let k = 0; k < columns; k++) {
    sum += (a.values[from + k] - b.values[to + k]) ** 2
    if (sum > limit) return Number.POSITIVE_INFINITY
  }
  return sum
}
