import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { COSTS, costMatrix } from '../src/coupling/cost.ts'
import { assign } from '../src/coupling/index.ts'
import { normalRows } from '../src/coupling/normal-rows.ts'
import { jonkerVolgenant } from '../src/coupling/solvers/index.ts'
import { Rng } from '../src/random/rng.ts'
import { peerEnvironment } from './peer.ts'

/** One size: medians in milliseconds; the peer's are null where NumPy and SciPy are not installed. */
export interface AssignmentRow {
  readonly rows: number
  readonly columns: number
  readonly cost: number
  /** The same costs by plain loops, which serve where they are few. */
  readonly loops: number
  readonly solve: number
  readonly peerCost: number | null
  readonly peerSolve: number | null
}

/** One size of the auction, costs included: seconds, and how far it may be from the optimum. */
export interface AuctionRow {
  readonly solver: 'auction'
  readonly rows: number
  readonly columns: number
  readonly seconds: number
  readonly gap: number
}

/** Rows, columns, repeats. */
const SIZES = [
  [64, 32, 41],
  [128, 32, 21],
  [256, 32, 11],
  [512, 32, 7],
  [1024, 32, 5],
  [2048, 32, 3],
  [4096, 32, 1],
  [1024, 3072, 7],
]

/** Repeats before the clock runs, until loops are compiled. */
const WARM_UP = 3

/** Rows of the auction, of 32 columns. */
const AUCTION_SIZES = [4096, 8192, 16_384, 32_768, 65_536]

/** Times the assignment of normal rows, cost matrix included, beside NumPy and SciPy, and prints a table. */
export async function run(): Promise<AssignmentRow[]> {
  const peer = await timePeer()
  const found: AssignmentRow[] = []
  for (const [at, [rows, columns, repeats]] of SIZES.entries()) {
    const own = await timeOwn(rows, columns, repeats)
    found.push({
      rows,
      columns,
      ...own,
      peerCost: peer?.[at].cost ?? null,
      peerSolve: peer?.[at].solve ?? null,
    })
  }
  const table = new Table({
    head: [
      'assignment',
      'cost ms',
      'by loops',
      'solve ms',
      'NumPy cost ms',
      'SciPy solve ms',
      'times as fast',
    ],
  })
  for (const { rows, columns, cost, loops, solve, peerCost, peerSolve } of found) {
    const beside =
      peerCost === null || peerSolve === null
        ? ['peer absent', 'peer absent', 'peer absent']
        : [peerCost.toFixed(2), peerSolve.toFixed(2), ((peerCost + peerSolve) / (cost + solve)).toFixed(2)]
    const own = [cost, loops, solve].map((value) => value.toFixed(2))
    table.push([`${rows} rows of ${columns}`, ...own, ...beside])
  }
  console.log(table.toString())
  console.log(`Solver's time grows with rows to the power ${exponent(found).toFixed(2)} (columns: 32).`)
  return found
}

/** Times the auction of thousands of rows, and prints how far it may be from the optimum. */
export async function auction(): Promise<AuctionRow[]> {
  const made: AuctionRow[] = []
  const table = new Table({ head: ['auction, costs included', 'seconds', 'gap at most'] })
  for (const rows of AUCTION_SIZES) {
    const rng = Rng.seeded(0)
    const [data, noise] = [normalRows(rng, rows, 32), normalRows(rng, rows, 32)]
    const start = performance.now()
    const { total, bound } = await assign(data, noise, { cost: 'l2', solver: 'auction' })
    const seconds = (performance.now() - start) / 1000
    const gap = total / bound - 1
    made.push({ solver: 'auction', rows, columns: 32, seconds, gap })
    table.push([`${rows} rows of 32`, seconds.toFixed(1), `${(100 * gap).toFixed(3)} %`])
  }
  console.log(table.toString())
  const growth = slope(made.map(({ rows, seconds }) => [rows, seconds]))
  console.log(`The auction's time grows with rows to the power ${growth.toFixed(2)}.`)
  return made
}

async function timeOwn(rows: number, columns: number, repeats: number) {
  const rng = Rng.seeded(0)
  const data = normalRows(rng, rows, columns)
  const noise = normalRows(rng, rows, columns)
  const cost: number[] = []
  const solve: number[] = []
  for (let repeat = 0; repeat < WARM_UP + repeats; repeat++) {
    const start = performance.now()
    const matrix = await costMatrix('l2', data, noise)
    const middle = performance.now()
    jonkerVolgenant(matrix)
    cost.push(middle - start)
    solve.push(performance.now() - middle)
  }
  const start = performance.now()
  COSTS.l2(data, noise)
  const loops = performance.now() - start
  return { cost: median(cost.slice(WARM_UP)), loops, solve: median(solve.slice(WARM_UP)) }
}

async function timePeer(): Promise<{ cost: number; solve: number }[] | null> {
  const script = fileURLToPath(new URL('./assignment.py', import.meta.url))
  // One thread, as here; the interpreter of Debian's packages.
  const env = peerEnvironment(1)
  try {
    const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, JSON.stringify(SIZES)], { env })
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } catch {
    return null
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** The power of the rows with which the solver's time grows. */
function exponent(found: AssignmentRow[]): number {
  return slope(found.filter(({ columns }) => columns === 32).map(({ rows, solve }) => [rows, solve]))
}

/** Slope of the second number over the first, both as logarithms, by least squares. */
function slope(pairs: readonly (readonly [number, number])[]): number {
  const points = pairs.map(([x, y]) => [Math.log(x), Math.log(y)])
  const mean = (at: number) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const across = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return across / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}
