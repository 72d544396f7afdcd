import type { Rng } from '../../random/rng.ts'
import { type Rows, zeroRows } from '../../rows.ts'
import type { Coupling, CouplingContext } from '../coupling.ts'

/** How far apart the noise of different samples lies, over many couplings of the same samples. */
export interface Separation {
  /** Root mean square distance of two samples' mean noise, as measured. */
  readonly measured: number
  /** What independent noise would show with as many couplings: √(2D/repeats). */
  readonly chance: number
  /** √(measured² − chance²), 0 where chance is greater: the distance of the true means. */
  readonly effective: number
}

/**
 * Couples the same samples again and again, and compares the means of the noise that each is given: the
 * inter-cluster distance of Immiscible Diffusion (arXiv 2406.12303), freed of what finitely many couplings show
 * by chance.
 *
 * @param data one pool, [P, D], two rows at least
 * @param repeats couplings
 */
export async function separation(
  coupling: Coupling,
  data: Rows,
  context: CouplingContext,
  rng: Rng,
  repeats: number,
): Promise<Separation> {
  const { rows, columns } = data
  const sum = zeroRows(rows, columns)
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { values } = await coupling.couple(data, rng.fork('repeat', repeat), context)
    for (let k = 0; k < values.length; k++) sum.values[k] += values[k] / repeats
  }
  // The mean square distance of two rows is twice the variance, in its unbiased form.
  let spread = 0
  for (let k = 0; k < columns; k++) {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += sum.values[i * columns + k] / rows
    for (let i = 0; i < rows; i++) spread += (sum.values[i * columns + k] - mean) ** 2
  }
  const square = (2 * spread) / (rows - 1)
  const chance = (2 * columns) / repeats
  return {
    measured: Math.sqrt(square),
    chance: Math.sqrt(chance),
    effective: Math.sqrt(Math.max(0, square - chance)),
  }
}
