import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { COSTS } from '../src/coupling/cost.ts'
import { normalRows } from '../src/coupling/normal-rows.ts'
import { jonkerVolgenant } from '../src/coupling/solvers/index.ts'
import { Rng } from '../src/random/rng.ts'

/** One size: medians in milliseconds; the peer's are null where NumPy and SciPy are not installed. */
export interface AssignmentRow {
  readonly rows: number
  readonly columns: number
  readonly cost: number
  readonly solve: number
  readonly peerCost: number | null
  readonly peerSolve: number | null
}

/** Rows, columns, repeats. */
const SIZES = [
  [64, 32, 41],
  [128, 32, 21],
  [256, 32, 11],
  [512, 32, 7],
  [1024, 32, 5],
  [2048, 32, 3],
  [1024, 3072, 3],
]

/** Times the assignment of normal rows, cost matrix included, beside NumPy and SciPy, and prints a table. */
export async function run(): Promise<AssignmentRow[]> {
  const peer = await timePeer()
  const found = SIZES.map(([rows, columns, repeats], at): AssignmentRow => {
    const own = timeOwn(rows, columns, repeats)
    return { rows, columns, ...own, peerCost: peer?.[at].cost ?? null, peerSolve: peer?.[at].solve ?? null }
  })
  const table = new Table({
    head: ['assignment', 'cost ms', 'solve ms', 'NumPy cost ms', 'SciPy solve ms', 'times as fast'],
  })
  for (const { rows, columns, cost, solve, peerCost, peerSolve } of found) {
    const beside =
      peerCost === null || peerSolve === null
        ? ['peer absent', 'peer absent', 'peer absent']
        : [peerCost.toFixed(2), peerSolve.toFixed(2), ((peerCost + peerSolve) / (cost + solve)).toFixed(2)]
    table.push([`${rows} rows of ${columns}`, cost.toFixed(2), solve.toFixed(2), ...beside])
  }
  console.log(table.toString())
  console.log(`Solver's time grows with rows to the power ${exponent(found).toFixed(2)} (columns: 32).`)
  return found
}

function timeOwn(rows: number, columns: number, repeats: number) {
  const rng = Rng.seeded(0)
  const data = normalRows(rng, rows, columns)
  const noise = normalRows(rng, rows, columns)
  const cost: number[] = []
  const solve: number[] = []
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const start = performance.now()
    const matrix = COSTS.l2(data, noise)
    const middle = performance.now()
    jonkerVolgenant(matrix)
    cost.push(middle - start)
    solve.push(performance.now() - middle)
  }
  return { cost: median(cost.slice(1)), solve: median(solve.slice(1)) }
}

async function timePeer(): Promise<{ cost: number; solve: number }[] | null> {
  const script = fileURLToPath(new URL('./assignment.py', import.meta.url))
  // One thread, as here; the interpreter of Debian's packages.
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
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

/** Slope of the logarithm of the solver's time over that of the rows, by least squares. */
function exponent(found: AssignmentRow[]): number {
  const points = found
    .filter(({ columns }) => columns === 32)
    .map(({ rows, solve }) => [Math.log(rows), Math.log(solve)])
  const mean = (at: number) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const across = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return across / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}
