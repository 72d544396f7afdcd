import type { Compiled } from '../engine/engine.ts'
import type { HostTensor } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import { distances } from './distances.ts'
import type { CostMatrix } from './solvers/assignment-problem.ts'

/**
 * Numbers of the differences from which a compiled product is worth its session: the plain loops take a millisecond or
 * two then. The choice is by size alone, so that a run that is resumed or prepared in another thread gets the same
 * numbers.
 */
export const WORTH_COMPILING = 1 << 20
/** Entries of a matrix that is held, at most: 2 GiB. */
const MOST_ENTRIES = 2 ** 29
/** Products that are kept ready, the ones used last. */
const KEPT = 4

/**
 * Euclidean distances, squared or not, of every row of `a` to every row of `b`, as `distances` gives them: by its
 * loops where they are small, else with the inner products from one compiled float32 Gemm and the rest in float64,
 * which is as exact as float32 costs can be while no distance is tiny beside the norms.
 *
 * @param a [n, D]
 * @param b [m, D]
 * @returns float32, [n, m]
 * @throws InputError where the matrix would not fit into memory
 */
export async function pairwiseDistances(a: Rows, b: Rows, squared: boolean): Promise<CostMatrix> {
  if (a.rows * b.rows > MOST_ENTRIES) {
    throw new InputError(
      `Costs of ${a.rows} by ${b.rows} rows would take ${Math.round((a.rows * b.rows) / 2 ** 28)} GiB; use the solver auto or auction, or fewer batches.`,
    )
  }
  if (a.rows * b.rows * a.columns < WORTH_COMPILING) return distances(a, b, squared)
  const values = await blockDistances(b, squared, a.rows)(a)
  return { values, rows: a.rows, columns: b.rows }
}

/**
 * Distances of some rows to all of `b`, for problems too large to hold.
 *
 * @param b [m, D]
 * @param block rows that are multiplied at once
 * @returns of rows [n, D] the distances, [n, m], in a fresh array
 */
export function blockDistances(b: Rows, squared: boolean, block: number): (a: Rows) => Promise<Float32Array> {
  const norms = squaredNorms(b)
  const right = tensor(b)
  return async (a) => {
    const { columns } = a
    const out = new Float32Array(a.rows * b.rows)
    for (let first = 0; first < a.rows; first += block) {
      const count = Math.min(block, a.rows - first)
      const part = a.values.subarray(first * columns, (first + count) * columns)
      const filled = count === block ? part : new Float32Array(block * columns)
      if (filled !== part) filled.set(part)
      const left = tensor({ values: filled, rows: block, columns })
      const own = squaredNorms({ values: part, rows: count, columns })
      const to = out.subarray(first * b.rows, (first + count) * b.rows)
      await withProduct(block, b.rows, columns, { a: left, b: right }, (products) =>
        finish(products, own, norms, squared, to),
      )
    }
    return out
  }
}

/** √(‖a‖² + ‖b‖² − 2⟨a, b⟩) from the inner products, the first `left.length` rows of them, to `out`. */
function finish(
  products: Float32Array,
  left: Float64Array,
  right: Float64Array,
  squared: boolean,
  out: Float32Array,
): void {
  // Row by row: a function that is called a thousand times is compiled well long before a loop that runs once.
  const finishRow = squared ? squaredRow : rootRow
  for (let i = 0; i < left.length; i++) finishRow(products, i * right.length, left[i], right, out)
}

function squaredRow(
  products: Float32Array,
  first: number,
  own: number,
  right: Float64Array,
  out: Float32Array,
): void {
  for (let j = 0, at = first; j < right.length; j++, at++) {
    out[at] = Math.max(own + right[j] - 2 * products[at], 0)
  }
}

function rootRow(
  products: Float32Array,
  first: number,
  own: number,
  right: Float64Array,
  out: Float32Array,
): void {
  for (let j = 0, at = first; j < right.length; j++, at++) {
    out[at] = Math.sqrt(Math.max(own + right[j] - 2 * products[at], 0))
  }
}

function squaredNorms({ values, rows, columns }: Rows): Float64Array {
  const out = new Float64Array(rows)
  for (let i = 0; i < rows; i++) out[i] = squaredNorm(values, i * columns, (i + 1) * columns)
  return out
}

/** Sum of the squares of the values from `first` to `end`. */
function squaredNorm(values: Float32Array, first: number, end: number): number {
  // Four sums, so that none has to wait for the last addition.
  let [a, b, c, d] = [0, 0, 0, 0]
  let k = first
  for (; k + 3 < end; k += 4) {
    a += values[k] * values[k]
    b += values[k + 1] * values[k + 1]
    c += values[k + 2] * values[k + 2]
    d += values[k + 3] * values[k + 3]
  }
  for (; k < end; k++) a += values[k] * values[k]
  return a + b + c + d
}

function tensor({ values, rows, columns }: Rows): HostTensor {
  return { shape: [rows, columns], dtype: 'float32', values }
}

const kept = new Map<string, Promise<Compiled>>()
let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a product and uses its result, one after another: the next run overwrites it. One thread each, because
 * pools are coupled beside training steps.
 */
function withProduct<T>(
  n: number,
  m: number,
  depth: number,
  inputs: { readonly a: HostTensor; readonly b: HostTensor },
  use: (products: Float32Array) => T,
): Promise<T> {
  const task = async () => {
    const key = `${n} ${m} ${depth}`
    const made = kept.get(key) ?? compile(n, m, depth)
    kept.delete(key)
    kept.set(key, made)
    for (const [oldest, unused] of kept) {
      if (kept.size <= KEPT) break
      kept.delete(oldest)
      await (await unused).dispose()
    }
    const { product } = await (await made).run({ a: inputs.a, b: inputs.b })
    return use((product as HostTensor).values as Float32Array)
  }
  const next = last.then(task)
  last = next.catch(() => {})
  return next
}

async function compile(n: number, m: number, depth: number): Promise<Compiled> {
  // The runtime is loaded only where there is something large to multiply.
  const { compileProduct } = await import('../engine/onnx/product.ts')
  return compileProduct(n, m, depth, 1)
}
