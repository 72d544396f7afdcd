import { type Rows, rows } from '../../rows.ts'
import { frechetDistance } from './frechet.ts'
import { kernelDistance } from './kernel-distance.ts'
import { precisionRecall } from './manifold.ts'
import { moments } from './moments.ts'

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

/** Measures samples against real images, both as features, [N, D]. @throws InputError for too few of either */
export function measureImages(real: Rows, samples: Rows): ImageFigures {
  const [some, others] = [spread(real, COMPARED), spread(samples, COMPARED)]
  return {
    frechet: frechetDistance(moments(real), moments(samples)),
    kernel: kernelDistance(some, others),
    ...precisionRecall(some, others),
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
