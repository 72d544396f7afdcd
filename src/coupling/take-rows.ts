import type { Rows } from '../rows.ts'

/** Copies rows: row i of the result is row `order[i]` of `matrix`. */
export function takeRows({ values, columns }: Rows, order: Int32Array): Rows {
  const out = new Float32Array(order.length * columns)
  for (let i = 0; i < order.length; i++) {
    const start = order[i] * columns
    out.set(values.subarray(start, start + columns), i * columns)
  }
  return { values: out, rows: order.length, columns }
}
