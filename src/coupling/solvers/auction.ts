import { InputError } from '../../errors.ts'
import { type Assignment, type CostMatrix, checkCost, inverted, transposed } from './assignment-problem.ts'
import { emptyShortlists, type Shortlists, scanRow, twoBestOfList } from './shortlist.ts'

/** An assignment that need not be optimal, with a bound on what the optimum could save. */
export interface BoundedAssignment extends Assignment {
  /** No assignment costs less. */
  readonly bound: number
}

/** A problem too large to hold: its costs are computed when they are looked at, some rows at a time. */
export interface CostRows {
  /** Rows, and as many columns. */
  readonly size: number
  /** @returns costs of the given rows, [numbers.length, size]; may be overwritten by the next call */
  costs(numbers: Int32Array): Promise<Float32Array>
}

/** How {@link auction} solves. */
export interface AuctionOptions {
  /** Stop when the total is within this share of the optimum; 0.001 by default. */
  readonly gap?: number
}

/** Columns kept for each row: rows are seldom scanned whole again when their first choices become dear. */
const KEPT = 64
/** Numbers in a block of rows that is scanned at once. */
const BLOCK = 1 << 22
/** Rows from which the columns' first prices are guessed. */
const SAMPLE = 256
/** By how much the bids' step shrinks from one round to the next. */
const SHRINK = 5

/**
 * Linear assignment by the auction with ε-scaling (Bertsekas, "The auction algorithm", Annals of Operations
 * Research 14, 1988), for thousands of rows: a free row bids for the column that is best at present prices, by ε
 * more than needed. Rounds with smaller and smaller ε start from the last one's prices, and end when the prices
 * prove that the assignment is within `gap` of the optimum.
 *
 * @throws InputError as `Solver` says, and for forbidden pairs, of which prices know nothing
 */
export function auction(cost: CostMatrix, options: AuctionOptions = {}): BoundedAssignment {
  const { forbids } = checkCost(cost)
  if (forbids) {
    const at = cost.values.indexOf(Infinity)
    throw new InputError(
      `The solver auction cannot forbid a pair, but row ${Math.floor(at / cost.columns)}, column ${at % cost.columns} costs Infinity; use jonker-volgenant.`,
    )
  }
  const wide = cost.rows <= cost.columns
  const { values, rows, columns } = wide ? cost : transposed(cost)
  const bidding = bids(rows, columns, options)
  let step = bidding.next()
  while (!step.done) {
    const numbers = step.value
    const block = new Float64Array(numbers.length * columns)
    numbers.forEach((i, at) => {
      block.set(values.subarray(i * columns, (i + 1) * columns), at * columns)
    })
    step = bidding.next(block)
  }
  const found = step.value
  return wide ? found : { ...found, columnOfRow: inverted(found.columnOfRow, cost.rows) }
}

/** {@link auction} for costs that are computed when they are looked at. */
export async function auctionByRows(
  problem: CostRows,
  options: AuctionOptions = {},
): Promise<BoundedAssignment> {
  const bidding = bids(problem.size, problem.size, options)
  let step = bidding.next()
  while (!step.done) step = bidding.next(await problem.costs(step.value))
  return step.value
}

/** Yields the numbers of rows whose costs must be seen, and is given them, [numbers.length, columns]. */
type Asking<T> = Generator<Int32Array, T, Float32Array | Float64Array>

/** Prices are −v; −1 means free. */
interface State {
  readonly v: Float64Array
  readonly columnOf: Int32Array
  readonly rowOf: Int32Array
  /** Cost of each row's column. */
  readonly paid: Float64Array
  readonly lists: Shortlists
}

function* bids(rows: number, columns: number, { gap = 1e-3 }: AuctionOptions): Asking<BoundedAssignment> {
  if (columns === 1) {
    // Without a second column there is no rival.
    const [total] = yield Int32Array.of(0)
    return { columnOfRow: new Int32Array(1), total, bound: total }
  }
  const state: State = {
    v: new Float64Array(columns),
    columnOf: new Int32Array(rows).fill(-1),
    rowOf: new Int32Array(columns).fill(-1),
    paid: new Float64Array(rows),
    lists: emptyShortlists(rows, columns, KEPT),
  }
  const { largest, spread } = yield* firstPrices(state)
  // Rounding makes smaller steps meaningless.
  const least = Math.max(largest * 2 ** -44, Number.MIN_VALUE)
  // Columns that stay free must keep their first price, so that a rectangular problem has but one round.
  let epsilon = rows === columns ? spread : (gap * spread) / 8
  for (;;) {
    epsilon = Math.max(epsilon, least)
    yield* round(state, epsilon)
    const total = state.paid.reduce((sum, cost) => sum + cost, 0)
    const bound = Math.min(lowerBound(state), total)
    if (epsilon === least || rows < columns || total - bound <= gap * Math.abs(bound)) {
      return { columnOfRow: state.columnOf, total, bound }
    }
    epsilon /= SHRINK
  }
}

/**
 * Sets the price of each column by its mean cost in a sample of rows, since columns near to all are wanted by all.
 *
 * @returns the largest size of a cost, and how far the kept columns of a row lie apart, over the sample
 */
function* firstPrices({ v, columnOf, lists }: State): Asking<{ largest: number; spread: number }> {
  const rows = columnOf.length
  const columns = v.length
  const sample = Math.min(rows, SAMPLE, Math.max(1, Math.floor(BLOCK / columns)))
  const numbers = Int32Array.from({ length: sample }, (_, k) => Math.floor((k * rows) / sample))
  const block = yield numbers
  let largest = 0
  const mean = new Float64Array(columns)
  for (let k = 0, at = 0; k < sample; k++) {
    for (let j = 0; j < columns; j++, at++) {
      mean[j] += block[at] / sample
      largest = Math.max(largest, Math.abs(block[at]))
    }
  }
  if (rows === columns) v.set(mean)
  let spread = 0
  numbers.forEach((i, k) => {
    scanRow(block, k * columns, v, lists, i)
    let low = Infinity
    let high = -Infinity
    for (let at = i * lists.kept; at < (i + 1) * lists.kept; at++) {
      const reduced = lists.costs[at] - v[lists.columns[at]]
      low = Math.min(low, reduced)
      high = Math.max(high, reduced)
    }
    spread += (high - low) / sample
  })
  return { largest, spread: spread / 2 }
}

/** Frees the rows that could do better by more than ε, and lets free rows bid until there are none. */
function* round(state: State, epsilon: number): Asking<void> {
  const { v, columnOf, rowOf, paid, lists } = state
  const rows = columnOf.length
  const columns = v.length
  // Rows that wait for their turn, in a ring, and rows that must be scanned before they can bid.
  const queue = new Int32Array(rows)
  const stale = new Int32Array(rows)
  let head = 0
  let waiting = 0
  let unsure = 0
  for (let i = 0; i < rows; i++) {
    const j = columnOf[i]
    twoBestOfList(v, lists, i)
    if (j >= 0) {
      if (paid[i] - v[j] <= Math.min(lists.best, lists.bound[i]) + epsilon) continue
      columnOf[i] = -1
      rowOf[j] = -1
    }
    queue[waiting++] = i
  }
  const atOnce = Math.max(1, Math.floor(BLOCK / columns))
  for (;;) {
    while (waiting > 0) {
      const i = queue[head]
      head = head + 1 === rows ? 0 : head + 1
      waiting--
      if (!twoBestOfList(v, lists, i)) {
        stale[unsure++] = i
        continue
      }
      const j = lists.bestColumn
      v[j] -= lists.second - lists.best + epsilon
      const displaced = rowOf[j]
      rowOf[j] = i
      columnOf[i] = j
      paid[i] = lists.costs[lists.bestAt]
      if (displaced < 0) continue
      columnOf[displaced] = -1
      queue[(head + waiting++) % rows] = displaced
    }
    if (unsure === 0) return
    const numbers = stale.slice(Math.max(0, unsure - atOnce), unsure)
    unsure -= numbers.length
    const block = yield numbers
    for (let k = 0; k < numbers.length; k++) {
      scanRow(block, k * columns, v, lists, numbers[k])
      queue[(head + waiting++) % rows] = numbers[k]
    }
  }
}

/** The dual's value at the present prices: no assignment costs less. */
function lowerBound({ v, columnOf, lists }: State): number {
  let bound = 0
  for (let i = 0; i < columnOf.length; i++) {
    twoBestOfList(v, lists, i)
    bound += Math.min(lists.best, lists.bound[i])
  }
  for (const dual of v) bound += dual
  return bound
}
