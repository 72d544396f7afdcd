import type { CouplingContext } from '../../src/coupling/coupling.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, zeroRows } from '../../src/rows.ts'

/**
 * Chunks of a robot that passes an obstacle left or right, as a function of where it is: 8 two-dimensional
 * displacements that grow with the position and swerve to a side chosen at random.
 */
export function twoWay(
  seed: number,
  count: number,
): { data: Rows; condition: Rows; context: CouplingContext } {
  const rng = Rng.seeded(seed)
  const condition = zeroRows(count, 2)
  const data = zeroRows(count, 16)
  for (let i = 0; i < count; i++) {
    const x = 2 * rng.uniform() - 1
    const y = 2 * rng.uniform() - 1
    const side = rng.uniform() < 0.5 ? -1 : 1
    condition.values.set([x, y], 2 * i)
    for (let step = 0; step < 8; step++) {
      data.values[16 * i + 2 * step] = -x + 0.8 * side * Math.sin((step * Math.PI) / 7) + 0.05 * rng.normal()
      data.values[16 * i + 2 * step + 1] = 0.5 + 0.5 * y + 0.05 * rng.normal()
    }
  }
  return { data, condition, context: { condition, batchSize: count, step: 0 } }
}

/** Normal data with normal conditions and labels 0, 1, 2 in turn. */
export function plain(seed: number, count: number, columns: number) {
  const rng = Rng.seeded(seed)
  const data = normalRows(rng, count, columns)
  const condition = normalRows(rng, count, 3)
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3)
  return { data, context: { condition, labels, batchSize: count, step: 0 } }
}

/** The rows as strings in sorted order: equal for two permutations of the same rows. */
export function sortedRows({ values, rows, columns }: Rows): string[] {
  return Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns).join()).sort()
}
