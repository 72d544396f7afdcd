import type { Rng } from '../random/rng.ts'
import type { CostMatrix } from './solvers/assignment-problem.ts'
import { checkCost } from './solvers/assignment-problem.ts'

/** Beyond this logarithm the scalings are taken into the potentials, so that nothing over- or underflows. */
const LARGEST_LOGARITHM = 40

/** How {@link entropicPlan} solves. */
export interface EntropicOptions {
  /** Strength of the entropy in standard deviations of the costs, above 0. */
  readonly regularisation: number
  /** Passes over rows and columns at most. */
  readonly iterations: number
  /** Stop when the columns' sums are within this of 1 on average. */
  readonly tolerance: number
}

/** A plan of transport between n rows and n columns of mass 1 each, and how far it has come. */
export interface EntropicPlan {
  /** How much of row i goes to column j, [n, n]; every row sums to 1, every column nearly. */
  readonly values: Float32Array
  readonly size: number
  /** Mean distance of the columns' sums from 1. */
  readonly error: number
}

/**
 * The plan of least cost less entropy (Cuturi, "Sinkhorn distances", NeurIPS 2013), by Sinkhorn's iteration with
 * the scalings absorbed into the potentials where they grow large (Schmitzer 2019).
 *
 * @param cost square
 * @throws InputError for an entry that is not a number
 */
export function entropicPlan(cost: CostMatrix, options: EntropicOptions): EntropicPlan {
  checkCost(cost)
  const n = cost.rows
  const epsilon = Math.max(options.regularisation * deviation(cost.values), Number.MIN_VALUE)
  const { rows: f, columns: g } = startingPotentials(cost)
  const kernel = new Float32Array(n * n)
  const u = new Float64Array(n).fill(1)
  const v = new Float64Array(n).fill(1)
  const sums = new Float64Array(n)
  fillKernel(cost, f, g, epsilon, kernel)
  let error = Infinity
  for (let pass = 0; pass < options.iterations && error > options.tolerance; pass++) {
    scaleRows(kernel, u, v)
    columnSums(kernel, u, sums)
    error = 0
    for (let j = 0; j < n; j++) {
      error += Math.abs(sums[j] * v[j] - 1) / n
      v[j] = sums[j] > 0 ? 1 / sums[j] : v[j]
    }
    if (largestLogarithm(u, v) > LARGEST_LOGARITHM) {
      absorb(f, u, epsilon)
      absorb(g, v, epsilon)
      fillKernel(cost, f, g, epsilon, kernel)
    }
  }
  scaleRows(kernel, u, v)
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < n; j++, at++) kernel[at] *= u[i] * v[j]
  return { values: kernel, size: n, error }
}

/** Draws a column for each row of a plan, in proportion to what the row sends there, [n]. */
export function drawPartners({ values, size }: EntropicPlan, rng: Rng): Int32Array {
  const drawn = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const start = i * size
    let whole = 0
    for (let j = 0; j < size; j++) whole += values[start + j]
    let left = rng.uniform() * whole
    let j = 0
    while (j < size - 1 && left >= values[start + j]) left -= values[start + j++]
    drawn[i] = j
  }
  return drawn
}

/** Population standard deviation; 1 where all entries are equal, since any strength gives the same plan then. */
function deviation(values: ArrayLike<number>): number {
  let mean = 0
  for (let k = 0; k < values.length; k++) mean += (values[k] - mean) / (k + 1)
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += (values[k] - mean) ** 2
  return Math.sqrt(sum / values.length) || 1
}

/** The least cost of each column, and of each row what is left then: every row and column has a kernel of 1. */
function startingPotentials({ values, rows: n }: CostMatrix) {
  const columns = new Float64Array(n).fill(Infinity)
  const rows = new Float64Array(n).fill(Infinity)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) columns[j] = Math.min(columns[j], values[i * n + j])
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) rows[i] = Math.min(rows[i], values[i * n + j] - columns[j])
  }
  return { rows, columns }
}

function fillKernel(
  { values, rows: n }: CostMatrix,
  f: Float64Array,
  g: Float64Array,
  epsilon: number,
  kernel: Float32Array,
): void {
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < n; j++, at++) kernel[at] = Math.exp((f[i] + g[j] - values[at]) / epsilon)
  }
}

/** Makes every row of diag(u)·K·diag(v) sum to 1. */
function scaleRows(kernel: Float32Array, u: Float64Array, v: Float64Array): void {
  for (let i = 0; i < u.length; i++) {
    const sum = rowSum(kernel, i * v.length, v)
    if (sum > 0) u[i] = 1 / sum
  }
}

function rowSum(kernel: Float32Array, first: number, v: Float64Array): number {
  // Four sums, so that none has to wait for the last addition.
  let [a, b, c, d] = [0, 0, 0, 0]
  let j = 0
  for (let at = first; j + 3 < v.length; j += 4, at += 4) {
    a += kernel[at] * v[j]
    b += kernel[at + 1] * v[j + 1]
    c += kernel[at + 2] * v[j + 2]
    d += kernel[at + 3] * v[j + 3]
  }
  for (; j < v.length; j++) a += kernel[first + j] * v[j]
  return a + b + c + d
}

/** Column sums of diag(u)·K. */
function columnSums(kernel: Float32Array, u: Float64Array, sums: Float64Array): void {
  const n = u.length
  sums.fill(0)
  for (let i = 0, at = 0; i < n; i++) {
    const scale = u[i]
    for (let j = 0; j < n; j++, at++) sums[j] += scale * kernel[at]
  }
}

function largestLogarithm(...scalings: readonly Float64Array[]): number {
  let largest = 0
  for (const scaling of scalings) {
    for (const value of scaling) largest = Math.max(largest, Math.abs(Math.log(value)))
  }
  return largest
}

function absorb(potential: Float64Array, scaling: Float64Array, epsilon: number): void {
  for (let k = 0; k < potential.length; k++) potential[k] += epsilon * Math.log(scaling[k])
  scaling.fill(1)
}
