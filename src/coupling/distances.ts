import type { Rows } from '../rows.ts'
import type { CostMatrix } from './solvers/assignment-problem.ts'

/**
 * Euclidean distances, squared or not, of every row of `a` to every row of `b`, as ‖a‖² + ‖b‖² − 2⟨a, b⟩ in
 * float64, so that the cancellation stays below what float32 shows; what rounds below 0 becomes 0.
 *
 * Both sides are packed into panels of 4 and 2 rows, and the eight products of two panels are summed at once:
 * about 3.5 times as fast as one distance after another (1,024 rows; 8, 32 and 768 columns).
 *
 * @param a [n, D]
 * @param b [m, D]
 * @param squared whether to leave out the square root
 * @returns float32, [n, m]
 */
export function distances(a: Rows, b: Rows, squared: boolean): CostMatrix {
  const n = a.rows
  const m = b.rows
  const left = packed(a, 4, -2)
  const right = packed(b, 2, 1)
  const padded = crossed(left, right, a.columns, squared ? 'squared' : 'root')
  return { values: trimmed(padded, n, m, right.norms.length), rows: n, columns: m }
}

/**
 * Inner products of every row of `a` with every row of `b`, summed in float64, as fast as {@link distances}.
 *
 * @param a [n, D]
 * @param b [m, D]
 * @returns float32, [n, m]
 */
export function innerProducts(a: Rows, b: Rows): Rows {
  const left = packed(a, 4, 1)
  const right = packed(b, 2, 1)
  left.norms.fill(0)
  right.norms.fill(0)
  const padded = crossed(left, right, a.columns, 'product')
  return { values: trimmed(padded, a.rows, b.rows, right.norms.length), rows: a.rows, columns: b.rows }
}

/** Rows in panels: `values` is [panel, column, row in panel], padded with rows of zeros. */
interface Panels {
  readonly values: Float64Array
  /** Squared norms of the unscaled rows, padded with zeros. */
  readonly norms: Float64Array
}

function packed({ values, rows, columns }: Rows, height: number, scale: number): Panels {
  const count = Math.ceil(rows / height) * height
  const out = new Float64Array(count * columns)
  const norms = new Float64Array(count)
  for (let i = 0; i < rows; i++) {
    const inPanel = i % height
    const start = (i - inPanel) * columns + inPanel
    let sum = 0
    for (let k = 0; k < columns; k++) {
      const value = values[i * columns + k]
      sum += value * value
      out[start + k * height] = scale * value
    }
    norms[i] = sum
  }
  return { values: out, norms }
}

/** Fills the whole padded matrix; for distances, the panels of `left` are scaled by −2. */
function crossed(
  left: Panels,
  right: Panels,
  depth: number,
  wanted: 'product' | 'squared' | 'root',
): Float32Array {
  const a = left.values
  const b = right.values
  const width = right.norms.length
  const out = new Float32Array(left.norms.length * width)
  for (let i = 0; i < left.norms.length; i += 4) {
    const n0 = left.norms[i]
    const n1 = left.norms[i + 1]
    const n2 = left.norms[i + 2]
    const n3 = left.norms[i + 3]
    for (let j = 0; j < width; j += 2) {
      const m0 = right.norms[j]
      const m1 = right.norms[j + 1]
      let s00 = n0 + m0
      let s01 = n0 + m1
      let s10 = n1 + m0
      let s11 = n1 + m1
      let s20 = n2 + m0
      let s21 = n2 + m1
      let s30 = n3 + m0
      let s31 = n3 + m1
      let p = i * depth
      let q = j * depth
      for (const end = p + 4 * depth; p < end; p += 4, q += 2) {
        const b0 = b[q]
        const b1 = b[q + 1]
        const a0 = a[p]
        s00 += a0 * b0
        s01 += a0 * b1
        const a1 = a[p + 1]
        s10 += a1 * b0
        s11 += a1 * b1
        const a2 = a[p + 2]
        s20 += a2 * b0
        s21 += a2 * b1
        const a3 = a[p + 3]
        s30 += a3 * b0
        s31 += a3 * b1
      }
      const o0 = i * width + j
      const o1 = o0 + width
      const o2 = o1 + width
      const o3 = o2 + width
      if (wanted === 'product') {
        out[o0] = s00
        out[o0 + 1] = s01
        out[o1] = s10
        out[o1 + 1] = s11
        out[o2] = s20
        out[o2 + 1] = s21
        out[o3] = s30
        out[o3 + 1] = s31
      } else if (wanted === 'squared') {
        out[o0] = Math.max(s00, 0)
        out[o0 + 1] = Math.max(s01, 0)
        out[o1] = Math.max(s10, 0)
        out[o1 + 1] = Math.max(s11, 0)
        out[o2] = Math.max(s20, 0)
        out[o2 + 1] = Math.max(s21, 0)
        out[o3] = Math.max(s30, 0)
        out[o3 + 1] = Math.max(s31, 0)
      } else {
        out[o0] = Math.sqrt(Math.max(s00, 0))
        out[o0 + 1] = Math.sqrt(Math.max(s01, 0))
        out[o1] = Math.sqrt(Math.max(s10, 0))
        out[o1 + 1] = Math.sqrt(Math.max(s11, 0))
        out[o2] = Math.sqrt(Math.max(s20, 0))
        out[o2 + 1] = Math.sqrt(Math.max(s21, 0))
        out[o3] = Math.sqrt(Math.max(s30, 0))
        out[o3 + 1] = Math.sqrt(Math.max(s31, 0))
      }
    }
  }
  return out
}

/** The first `n` rows and `m` columns of a matrix of `width` columns; moved in place. */
function trimmed(padded: Float32Array, n: number, m: number, width: number): Float32Array {
  if (m !== width) {
    for (let i = 1; i < n; i++) padded.copyWithin(i * m, i * width, i * width + m)
  }
  return padded.subarray(0, n * m)
}
