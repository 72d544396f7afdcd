import { InputError } from '../../errors.ts'
import type { Rows } from '../../rows.ts'
import { chiSquared, kolmogorov } from './distributions.ts'

/** E‖n‖²/D of the noise: 1 for N(0, I), less where a coupling favours short noise. */
export function normEnergy({ values }: Rows): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum / values.length
}

/** How the squared norms of noise compare with the χ² distribution of N(0, I). */
export interface NormTest {
  /** Greatest difference of the two distribution functions (Kolmogorov–Smirnov), in [0, 1]. */
  readonly statistic: number
  /** Chance of a difference at least as great under N(0, I), for independent rows. */
  readonly p: number
  /** Shares of the rows by ‖n‖²/D in bins of equal width, and what χ² expects there. */
  readonly histogram: readonly {
    readonly from: number
    readonly to: number
    readonly share: number
    readonly expected: number
  }[]
}

/**
 * Tests ‖n‖² against χ² with D degrees of freedom.
 *
 * @param bins of the histogram, over four deviations of χ² on either side of its mean; the outer two are open
 * @throws InputError without rows
 */
export function normTest({ values, rows, columns }: Rows, bins = 32): NormTest {
  if (rows < 1) throw new InputError('There is no noise whose norm could be tested; give at least one row.')
  const squares = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    for (let k = i * columns; k < (i + 1) * columns; k++) squares[i] += values[k] ** 2
  }
  squares.sort()
  let statistic = 0
  squares.forEach((square, i) => {
    const expected = chiSquared(square, columns)
    statistic = Math.max(statistic, expected - i / rows, (i + 1) / rows - expected)
  })
  const reach = 4 * Math.sqrt(2 / columns)
  const low = Math.max(0, 1 - reach)
  const width = (1 + reach - low) / bins
  const histogram = Array.from({ length: bins }, (_, b) => ({
    from: low + b * width,
    to: low + (b + 1) * width,
  }))
  const counts = new Float64Array(bins)
  for (const square of squares) {
    counts[Math.min(bins - 1, Math.max(0, Math.floor((square / columns - low) / width)))]++
  }
  const below = (edge: number, b: number) =>
    b <= 0 ? 0 : b >= bins ? 1 : chiSquared(edge * columns, columns)
  return {
    statistic,
    p: kolmogorov(statistic, rows),
    histogram: histogram.map(({ from, to }, b) => ({
      from,
      to,
      share: counts[b] / rows,
      expected: below(to, b + 1) - below(from, b),
    })),
  }
}
