import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { COSTS } from '../../../src/coupling/cost.ts'
import { normalRows } from '../../../src/coupling/normal-rows.ts'
import { auctionByRows } from '../../../src/coupling/solvers/auction.ts'
import { auction, type CostMatrix, jonkerVolgenant, munkres } from '../../../src/coupling/solvers/index.ts'
import { InputError } from '../../../src/errors.ts'
import { Rng } from '../../../src/random/rng.ts'
import { fixture } from '../fixtures.ts'

const matrix = (values: number[], rows: number, columns: number): CostMatrix => ({
  values: Float64Array.from(values),
  rows,
  columns,
})

/** Least total over all ways to give each row of a wide matrix its own column. */
function bruteForce({ values, rows, columns }: CostMatrix, row = 0, used = 0): number {
  if (row === rows) return 0
  let least = Infinity
  for (let j = 0; j < columns; j++) {
    if (used & (1 << j)) continue
    least = Math.min(
      least,
      values[row * columns + j] + bruteForce({ values, rows, columns }, row + 1, used | (1 << j)),
    )
  }
  return least
}

const flipped = ({ values, rows, columns }: CostMatrix): CostMatrix =>
  matrix(
    Array.from({ length: rows * columns }, (_, k) => values[(k % rows) * columns + Math.floor(k / rows)]),
    columns,
    rows,
  )

/** A matrix of the given sizes with entries from one of several awkward kinds. */
const problems = (maxRows: number, maxColumns: number) =>
  fc.tuple(fc.integer({ min: 1, max: maxRows }), fc.integer({ min: 1, max: maxColumns })).chain(([n, m]) => {
    const entry = fc.oneof(
      fc.constant(fc.integer({ min: 0, max: 2 })),
      fc.constant(fc.integer({ min: -50, max: 50 })),
      fc.constant(fc.double({ min: -1e3, max: 1e3, noNaN: true })),
      fc.constant(fc.integer({ min: -20, max: 20 }).map((e) => 2 ** e)),
    )
    return entry.chain((kind) =>
      fc.array(kind, { minLength: n * m, maxLength: n * m }).map((values) => matrix(values, n, m)),
    )
  })

const magnitude = ({ values }: CostMatrix) => Array.from(values, Math.abs).reduce((a, b) => a + b, 0)

const close = (a: number, b: number, scale: number) => Math.abs(a - b) <= 1e-9 * (Math.abs(scale) + 1)

function usesEachOnce(columnOfRow: Int32Array, columns: number): boolean {
  const used = columnOfRow.filter((j) => j >= 0)
  return (
    used.length === Math.min(columnOfRow.length, columns) &&
    new Set(used).size === used.length &&
    used.every((j) => j < columns)
  )
}

for (const name of ['lsa_square', 'lsa_rectangular', 'lsa_special']) {
  const { problems: cases, tensor } = fixture(name)
  for (const [key, { total, unique }] of Object.entries(cases)) {
    if (total === undefined) continue
    test(`${name} ${key} is solved as SciPy does`, (t) => {
      const { shape, values } = tensor(`cost.${key}`)
      const cost: CostMatrix = {
        values: values instanceof Float32Array ? values : Float64Array.from(values),
        rows: shape[0],
        columns: shape[1],
      }
      const found = jonkerVolgenant(cost)
      t.true(usesEachOnce(found.columnOfRow, cost.columns))
      if (cost.values.every(Number.isFinite)) isWithinGap(t, cost, total)
      t.true(Math.abs(found.total - total) <= 1e-12 * Math.abs(total), `${found.total} against ${total}`)
      if (!unique) return
      const rowNumbers = [...found.columnOfRow.keys()].filter((i) => found.columnOfRow[i] >= 0)
      t.deepEqual(rowNumbers, [...tensor(`row_ind.${key}`).values])
      t.deepEqual([...found.columnOfRow.filter((j) => j >= 0)], [...tensor(`col_ind.${key}`).values])
    })
  }
}

/** The auction's total and bound lie on either side of the optimum, within the gap that was asked for. */
function isWithinGap(t: ExecutionContext, cost: CostMatrix, optimum: number, gap = 1e-3): void {
  const { columnOfRow, total, bound } = auction(cost, { gap })
  t.true(usesEachOnce(columnOfRow, cost.columns))
  const paid = columnOfRow.reduce((sum, j, i) => sum + (j < 0 ? 0 : cost.values[i * cost.columns + j]), 0)
  const rounding = 1e-9 * (magnitude(cost) + 1)
  t.true(Math.abs(paid - total) <= rounding)
  t.true(bound <= optimum + rounding && optimum <= total + rounding, `${bound} ${optimum} ${total}`)
  if (cost.rows === cost.columns) t.true(total - bound <= gap * Math.abs(bound) + rounding)
}

test('an infeasible problem is an error that names a row without a partner', (t) => {
  const { tensor } = fixture('lsa_special')
  const values = Float64Array.from(tensor('cost.infeasible').values)
  const error = t.throws(() => jonkerVolgenant({ values, rows: 6, columns: 6 }), { instanceOf: InputError })
  t.regex(error.message, /row 2/)
})

test('no assignment is cheaper than the one found', (t) => {
  fc.assert(
    fc.property(problems(6, 7), (cost) => {
      const wide = cost.rows <= cost.columns ? cost : flipped(cost)
      const scale = magnitude(wide)
      const { columnOfRow, total } = jonkerVolgenant(cost)
      return usesEachOnce(columnOfRow, cost.columns) && close(total, bruteForce(wide), scale)
    }),
    { numRuns: 400 },
  )
  t.pass()
})

test('the auction states its gap truly', (t) => {
  fc.assert(
    fc.property(problems(12, 12), fc.constantFrom(0.1, 1e-3, 1e-6), (cost, gap) => {
      isWithinGap(t, cost, jonkerVolgenant(cost).total, gap)
    }),
    { numRuns: 200 },
  )
})

test('the auction prices hundreds of points as the exact solver does, rows seen when they must be', async (t) => {
  const rng = Rng.seeded(2)
  const size = 300
  const cost = COSTS.l2(normalRows(rng, size, 4), normalRows(rng, size, 4))
  isWithinGap(t, cost, jonkerVolgenant(cost).total, 1e-4)
  let seen = 0
  const byRows = await auctionByRows(
    {
      size,
      async costs(numbers) {
        seen += numbers.length
        const block = new Float32Array(numbers.length * size)
        numbers.forEach((i, at) => {
          block.set(cost.values.subarray(i * size, (i + 1) * size), at * size)
        })
        return block
      },
    },
    { gap: 1e-4 },
  )
  t.deepEqual(byRows, auction(cost, { gap: 1e-4 }))
  t.true(seen < 4 * size, `${seen} rows were seen`)
})

test('the default solver agrees with munkres', (t) => {
  fc.assert(
    fc.property(problems(18, 18), (cost) => {
      // The package compares with zero exactly, so whole numbers only.
      const whole = { ...cost, values: cost.values.map(Math.round) }
      return jonkerVolgenant(whole).total === munkres(whole).total
    }),
    { numRuns: 60 },
  )
  t.pass()
})

test('forbidden pairs are avoided wherever that is possible', (t) => {
  fc.assert(
    fc.property(
      problems(6, 6),
      fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }),
      (cost, forbidden) => {
        const values = cost.values.map((c, k) => (forbidden[k] ? Infinity : c))
        const blocked = { ...cost, values }
        const least = bruteForce(cost.rows <= cost.columns ? blocked : flipped(blocked))
        const scale = magnitude(cost)
        if (least < Infinity) return close(jonkerVolgenant(blocked).total, least, scale)
        try {
          jonkerVolgenant(blocked)
        } catch (error) {
          return error instanceof InputError
        }
        return false
      },
    ),
    { numRuns: 400 },
  )
  t.pass()
})

test('points on a line, with ties and far clusters, are paired in their order', (t) => {
  const n = 300
  const rng = Rng.seeded(4)
  const point = (spread: number) => Math.round(rng.normal() * spread)
  // Few distinct values, so ties everywhere, and two far clusters of unequal size.
  const x = Array.from({ length: n }, (_, i) => point(4) + (i < 100 ? 1000 : 0))
  const y = Array.from({ length: n }, (_, i) => point(4) + (i < 180 ? 1000 : 0))
  const cost = matrix(
    Array.from({ length: n * n }, (_, k) => Math.abs(x[Math.floor(k / n)] - y[k % n])),
    n,
    n,
  )
  // On a line, pairing in order is optimal.
  const ordered = [...x].sort((a, b) => a - b)
  const others = [...y].sort((a, b) => a - b)
  const least = ordered.reduce((sum, value, i) => sum + Math.abs(value - others[i]), 0)
  t.is(jonkerVolgenant(cost).total, least)
})

test('a number that is no cost is named by row and column', (t) => {
  for (const solve of [jonkerVolgenant, auction, munkres]) {
    for (const bad of [NaN, -Infinity]) {
      const error = t.throws(() => solve(matrix([1, 2, 3, 4, 5, bad], 2, 3)), { instanceOf: InputError })
      t.regex(error.message, /row 1, column 2/)
    }
    t.throws(() => solve(matrix([1, 2, 3], 2, 2)), { instanceOf: InputError, message: /3 entries/ })
    t.throws(() => solve(matrix([], 0, 2)), { instanceOf: InputError, message: /empty/ })
  }
})

test('munkres names its limit, and the pair that it cannot forbid', (t) => {
  const big = { values: new Float64Array(65 * 65), rows: 65, columns: 65 }
  t.throws(() => munkres(big), { instanceOf: InputError, message: /64.*jonker-volgenant/ })
  for (const solve of [auction, munkres]) {
    t.throws(() => solve(matrix([1, 2, Infinity, 4], 2, 2)), {
      instanceOf: InputError,
      message: /row 1, column 0/,
    })
  }
})
