import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'

/**
 * The squared maximum mean discrepancy under the kernel (x·y/D + 1)³, without bias: the kernel inception distance
 * (Bińkowski et al. 2018, arXiv 1801.01401) where features are InceptionV3's. It may come out slightly negative.
 *
 * @throws InputError for fewer than two rows
 */
export function kernelDistance(real: Rows, samples: Rows): number {
  if (Math.min(real.rows, samples.rows) < 2) {
    throw new InputError('A kernel distance needs at least 2 images of each kind; measure more.')
  }
  return within(real) + within(samples) - 2 * mean(real, samples, false)
}

/** Mean kernel of different rows of one set. */
function within(set: Rows): number {
  return mean(set, set, true)
}

function mean(a: Rows, b: Rows, distinct: boolean): number {
  const { columns } = a
  let sum = 0
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      if (distinct && i === j) continue
      let product = 0
      for (let k = 0; k < columns; k++) product += a.values[i * columns + k] * b.values[j * columns + k]
      sum += (product / columns + 1) ** 3
    }
  }
  return sum / (a.rows * (distinct ? b.rows - 1 : b.rows))
}
