import test from 'ava'
import fc from 'fast-check'
import { COSTS } from '../../src/coupling/cost.ts'
import { distances } from '../../src/coupling/distances.ts'
import { nearestCandidates } from '../../src/coupling/nearest-candidate.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { pair, takeRows } from '../../src/coupling/pair.ts'
import { columnStatistics, standardised } from '../../src/coupling/statistics.ts'
import { InputError } from '../../src/errors.ts'
import { roundToHalf } from '../../src/half.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, row, rows } from '../../src/rows.ts'
import { fixture } from './fixtures.ts'

/** The first `width` of `channels` channels of every time step. */
function firstChannels(matrix: Rows, channels: number, width: number): Rows {
  const values = matrix.values.filter((_, k) => k % channels < width)
  return rows(values, matrix.rows, values.length / matrix.rows)
}

const worst = (found: ArrayLike<number>, expected: ArrayLike<number>, relative: boolean) =>
  Math.max(
    ...Array.from(expected, (e, k) => Math.abs(found[k] - e) / (relative ? Math.max(Math.abs(e), 1e-30) : 1)),
  )

const { problems, tensor, matrix } = fixture('immiscible_pairing')
for (const [key, { total = 0, unique }] of Object.entries(problems)) {
  test(`${key} is paired as by Immiscible Diffusion Policy`, (t) => {
    const actions = matrix(`${key}.actions`)
    const whole = matrix(`${key}.noise`)
    const channels = tensor(`${key}.noise`).shape.at(-1) ?? 0
    const width = tensor(`${key}.actions`).shape.at(-1) ?? 0
    const noise = firstChannels(whole, channels, width)
    const { mean, deviation } = columnStatistics(actions)
    t.true(worst(mean, tensor(`${key}.mean`).values, false) <= 1e-6)
    t.true(
      worst(
        deviation.map((d) => Math.max(d, 1e-6)),
        tensor(`${key}.std`).values,
        true,
      ) <= 1e-5,
    )
    t.true(worst(standardised(actions).values, tensor(`${key}.standardised`).values, false) <= 2e-5)
    const { values } = COSTS.standardised(actions, noise)
    t.true(worst(values, tensor(`${key}.cost`).values, true) <= 1e-5)
    const order = pair(actions, noise)
    const sum = order.reduce((so, j, i) => so + values[i * noise.rows + j], 0)
    t.true(Math.abs(sum - total) <= 1e-6 * total, `${sum} against ${total}`)
    if (!unique) return
    t.deepEqual([...order], [...tensor(`${key}.col_ind`).values])
    t.deepEqual([...takeRows(whole, order).values], [...tensor(`${key}.matched_noise`).values])
  })
}

const knn = fixture('immiscible_knn')
for (const key of Object.keys(knn.problems)) {
  test(`${key} chooses the candidates that Immiscible Diffusion's release chooses`, (t) => {
    const data = knn.matrix(`${key}.data`)
    const { shape, values } = knn.tensor(`${key}.candidates`)
    const [count, k] = shape
    const candidates = rows(Float32Array.from(values), count * k, data.columns)
    const chosen = nearestCandidates(data, candidates, 'l2')
    t.deepEqual([...chosen], [...knn.tensor(`${key}.index_f32`).values])
    const minima = knn.tensor(`${key}.minima_f16`).values
    const half = nearestCandidates(data, candidates, 'half')
    half.forEach((j, i) => {
      t.is(minima[i * k + j], 1, `row ${i}`)
    })
    const order = chosen.map((j, i) => i * k + j)
    t.deepEqual([...takeRows(candidates, order).values], [...knn.tensor(`${key}.chosen_f32`).values])
  })
}

test('candidates that do not fit the data are an error', (t) => {
  const data = rows(new Float32Array(6), 3, 2)
  const wrong = [rows(new Float32Array(8), 4, 2), rows(new Float32Array(9), 3, 3)]
  for (const candidates of wrong) {
    t.throws(() => nearestCandidates(data, candidates, 'l2'), { instanceOf: InputError })
  }
})

test('scores prefer what they say', (t) => {
  const data = rows(Float32Array.of(2, 0), 1, 2)
  // Near but askew; far along the data; a short one exactly along it.
  const candidates = rows(Float32Array.of(1.5, 0.5, 9, 4, 0.1, 0), 3, 2)
  t.deepEqual([...nearestCandidates(data, candidates, 'l2')], [0])
  t.deepEqual([...nearestCandidates(data, candidates, 'inner')], [1])
  t.deepEqual([...nearestCandidates(data, candidates, 'cosine')], [2])
})

test('distances agree with their definition for every size of panel', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (n, m, d, squared) => {
        const rng = Rng.seeded(n * 1000 + m * 10 + d)
        const a = normalRows(rng, n, d)
        const b = normalRows(rng, m, d)
        const found = distances(a, b, squared)
        return (
          found.values.length === n * m &&
          found.values.every((value, k) => {
            const x = row(a, Math.floor(k / m))
            const energy = row(b, k % m).reduce((sum, y, at) => sum + (x[at] - y) ** 2, 0)
            const expected = squared ? energy : Math.sqrt(energy)
            return Math.abs(value - expected) <= 1e-6 * expected
          })
        )
      },
    ),
  )
  t.pass()
})

test('equal rows are at distance 0, far from the origin too', (t) => {
  const a = rows(Float32Array.of(1e4, 3e4, 1e4, 3e4, 1e4, 3e4 + 0.25), 3, 2)
  const { values } = distances(a, a, false)
  t.deepEqual([values[0], values[1], values[4]], [0, 0, 0])
  t.true(Math.abs(values[2] - 0.25) < 1e-5)
})

test('rounding to half precision', (t) => {
  const cases = [
    [0, 0],
    [1, 1],
    [0.1, 0.0999755859375],
    [-1 / 3, -0.333251953125],
    // Halfway between neighbours: to the even one.
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [65504, 65504],
    [65519, 65504],
    [65520, Infinity],
    [-1e9, -Infinity],
    [2 ** -24, 2 ** -24],
    [2 ** -26, 0],
    [2 ** -14 - 2 ** -26, 2 ** -14],
  ]
  for (const [value, expected] of cases) t.is(roundToHalf(value) + 0, expected, String(value))
  t.is(roundToHalf(NaN), NaN)
})

test('a pairing never costs more than leaving the noise where it is', (t) => {
  const rng = Rng.seeded(8)
  const data = normalRows(rng, 40, 6)
  const noise = normalRows(rng, 40, 6)
  for (const [cost, measure] of Object.entries(COSTS)) {
    const { values } = measure(data, noise)
    const order = pair(data, noise, { cost: cost as keyof typeof COSTS })
    t.deepEqual(
      [...order].sort((a, b) => a - b),
      [...data.values.subarray(0, 40).keys()],
    )
    const paired = order.reduce((sum, j, i) => sum + values[i * 40 + j], 0)
    const identity = order.reduce((sum, _, i) => sum + values[i * 41], 0)
    t.true(paired < identity, cost)
  }
})
