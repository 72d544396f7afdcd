import { InputError } from '../errors.ts'
import { type Rows, row } from '../rows.ts'
import type { Contest } from './contested.ts'

/** Which of the samples at one condition generated ones come nearest to. */
export interface Distinct {
  /** Generated samples. */
  readonly count: number
  /** How many of the samples are the nearest one of a generated sample. */
  readonly distinct: number
  /** Samples there are. */
  readonly of: number
  /** Share of the generated samples that are nearest to one of the second group. */
  readonly share: number
}

/**
 * Counts the distinct nearest expert samples of generated ones (Immiscible Diffusion Policy, arXiv 2610.09369):
 * few where the denoiser maps all noise to the same few samples.
 *
 * @param generated [count, D]
 * @throws InputError for other widths
 */
export function distinctSamples(
  generated: Rows,
  { samples, group }: Pick<Contest, 'samples' | 'group'>,
): Distinct {
  if (generated.columns !== samples.columns) {
    throw new InputError(
      `Generated samples of ${generated.columns} numbers cannot be compared with samples of ${samples.columns}; give the same width.`,
    )
  }
  const seen = new Set<number>()
  let second = 0
  for (let i = 0; i < generated.rows; i++) {
    const own = row(generated, i)
    let nearest = 0
    let least = Infinity
    for (let s = 0; s < samples.rows; s++) {
      const other = row(samples, s)
      let sum = 0
      for (let k = 0; k < own.length; k++) sum += (own[k] - other[k]) ** 2
      if (sum < least) {
        least = sum
        nearest = s
      }
    }
    seen.add(nearest)
    second += group[nearest]
  }
  return { count: generated.rows, distinct: seen.size, of: samples.rows, share: second / generated.rows }
}
