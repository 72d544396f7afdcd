import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'

/**
 * The squared maximum mean discrepancy under the kernel (x·y/D + 1)³, without bias: the kernel inception distance
 * (Bińkowski et al. 2018, arXiv 1801.01401) where features are InceptionV3's. It may come out slightly negative.
 *
 * @param ownReal {@link ownKernel} of the real images, where it is known
 * @throws InputError for fewer than two rows
 */
export function kernelDistance(real: Rows, samples: Rows, ownReal = ownKernel(real)): number {
  let across = 0
  for (let i = 0; i < real.rows; i++) {
    for (let j = 0; j < samples.rows; j++) across += kernel(real, i, samples, j)
  }
  return ownReal + ownKernel(samples) - (2 * across) / (real.rows * samples.rows)
}

/** Mean kernel of two different rows of one set. @throws InputError for fewer than two rows */
export function ownKernel(set: Rows): number {
  if (set.rows < 2) {
    throw new InputError('A kernel distance needs at least 2 images of each kind; measure more.')
  }
  let sum = 0
  for (let i = 0; i < set.rows; i++) for (let j = 0; j < i; j++) sum += kernel(set, i, set, j)
  return (2 * sum) / (set.rows * (set.rows - 1))
}

function kernel(a: Rows, i: number, b: Rows, j: number): number {
  const { columns } = a
  const [from, to] = [i * columns, j * columns]
  let product = 0
  for (let k = 0; k < columns; k++) product += a.values[from + k] * b.values[to + k]
  return (product / columns + 1) ** 3
}
