import { type Rows, rows } from '../../rows.ts'
import { frechetDistance } from './frechet.ts'
import { kernelDistance, ownKernel } from './kernel-distance.ts'
import { type Manifold, manifold, precisionRecall } from './manifold.ts'
import { type Moments, moments } from './moments.ts'

/** Images of each kind that precision, recall and the kernel distance look at: their cost grows with the square. */
const COMPARED = 2000

/** How near samples are to real images, in some features. */
export interface ImageFigures {
  /** Fréchet distance; 0 where the first two moments agree. It falls with the number of samples. */
  readonly frechet: number
  /** Squared maximum mean discrepancy; about 0 where the distributions agree, whatever the number. */
  readonly kernel: number
  readonly precision: number
  readonly recall: number
}

/** Real images as features, with all that every measurement against them needs. */
export interface Reference {
  /** [N, D] */
  readonly features: Rows
  readonly moments: Moments
  /** Of {@link COMPARED} of them at most. */
  readonly manifold: Manifold
  /** Mean kernel of two different ones of these. */
  readonly kernel: number
}

/** Computes what is the same at every measurement. @throws InputError for too few images */
export function createReference(features: Rows): Reference {
  const some = spread(features, COMPARED)
  return { features, moments: moments(features), manifold: manifold(some), kernel: ownKernel(some) }
}

/** Measures samples, as features [N, D], against real images. @throws InputError for too few samples */
export function measureImages(real: Reference, samples: Rows): ImageFigures {
  const some = spread(samples, COMPARED)
  return {
    frechet: frechetDistance(real.moments, moments(samples)),
    kernel: kernelDistance(real.manifold.points, some, real.kernel),
    ...precisionRecall(real.manifold, manifold(some)),
  }
}

/** At most `count` rows, evenly spread, because sets may be sorted by class. */
function spread(set: Rows, count: number): Rows {
  if (set.rows <= count) return set
  const values = new Float32Array(count * set.columns)
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * set.rows) / count) * set.columns
    values.set(set.values.subarray(at, at + set.columns), i * set.columns)
  }
  return rows(values, count, set.columns)
}
