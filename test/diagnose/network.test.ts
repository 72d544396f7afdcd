import test from 'ava'
import { contested } from '../../src/diagnose/contested.ts'
import { distinctSamples } from '../../src/diagnose/distinct.ts'
import { idealPrediction, inBatches } from '../../src/diagnose/predict.ts'
import { firstStep, responseCurve, separationTime } from '../../src/diagnose/response.ts'
import { consistency, ddpm, flow, idealData, idealDenoiser, sampleEuler } from '../../src/diffusion/index.ts'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, rows, zeroRows } from '../../src/rows.ts'
import { points } from '../diffusion/ideal.ts'

const D = 4

/**
 * Samples whose condition is a place: below 0 they are all near −2 along the first coordinate, above 1 near 2, and
 * between either way.
 */
function fork(count: number): { data: Rows; condition: Rows } {
  const rng = Rng.seeded(1)
  const data = zeroRows(count, D)
  const condition = zeroRows(count, 1)
  rng.fillNormal(data.values)
  for (let i = 0; i < count; i++) {
    const place = 3 * rng.uniform() - 1
    const side = place < 0 ? -1 : place > 1 ? 1 : rng.uniform() < 0.4 ? 1 : -1
    condition.values[i] = place
    for (let k = 0; k < D; k++) data.values[D * i + k] *= 0.2
    data.values[D * i] += 2 * side
  }
  return { data, condition }
}

const { data, condition } = fork(800)
const contest = contested(data, condition, 64, Rng.seeded(2))

test('the mean of clean data is that of the closed form', (t) => {
  const places = [-1, 0.5, 2]
  const samples = rows(Float32Array.from(places), 3, 1)
  const x = rows(Float32Array.of(-2, -0.3, 0.4, 3), 4, 1)
  const mean = points(places, [1 / 3, 1 / 3, 1 / 3])
  const found = idealData(samples, x, 0.6, 0.8)
  found.values.forEach((value, i) => {
    t.true(Math.abs(value - mean(x.values[i], 0.6, 0.8)) < 1e-6)
  })
  t.deepEqual([...idealData(samples, x, 1, 0).values], [-1, -1, 0.5, 2].map(Math.fround))
  t.throws(() => idealData(samples, zeroRows(1, 2), 1, 1), { instanceOf: InputError })
})

test('the ideal denoiser leads noise to the samples it knows', async (t) => {
  const samples = rows(Float32Array.of(-2, 0, 2, 1), 2, 2)
  for (const process of [flow(), ddpm({ steps: 100 })]) {
    let x = rows(Rng.seeded(3).fillNormal(new Float32Array(64)), 32, 2)
    const ideal = idealDenoiser(samples, process)
    for await (const step of sampleEuler({ ...ideal, noise: x }, { steps: 40 })) x = step.x
    const { distinct, share } = distinctSamples(x, { samples, group: Uint8Array.of(0, 1) })
    t.is(distinct, 2)
    t.true(share > 0.2 && share < 0.8)
    for (let i = 0; i < 32; i++) t.true(Math.abs(Math.abs(x.values[2 * i]) - 2) < 0.05)
  }
})

test('the place where samples disagree is found, and what it looks like there', (t) => {
  const place = condition.values[contest.anchor]
  t.true(place > 0 && place < 1, String(place))
  t.is(contest.samples.rows, 64)
  t.true(
    Math.abs(contest.distance - 4) < 0.3 && contest.gap > 5,
    JSON.stringify([contest.distance, contest.gap]),
  )
  t.true(Math.abs(contest.axis[0]) > 0.99)
  t.true(contest.share > 0.15 && contest.share < 0.85)
  // Without conditions, all samples count; one hump is no two.
  const one = contested(
    rows(Rng.seeded(4).fillNormal(new Float32Array(800)), 200, 4),
    undefined,
    100,
    Rng.seeded(5),
  )
  t.is(one.samples.rows, 100)
  t.true(one.gap < 2, String(one.gap))
  t.throws(() => contested(zeroRows(3, 2), undefined, 3, Rng.seeded(1)), { instanceOf: InputError })
})

for (const process of [flow(), ddpm({ steps: 100, schedule: 'squaredcos_cap_v2' }), consistency()]) {
  test(`under ${process.type}, an ideal denoiser responds to the modes and a mean does not`, async (t) => {
    const time = separationTime(process, contest)
    const [alpha, sigma] = [process.alpha(time), process.sigma(time)]
    const ratio = (alpha * contest.distance) / (2 * Math.hypot(alpha * contest.within, sigma))
    t.true(ratio >= 1 && ratio < 1.1, String(ratio))
    const ideal = await responseCurve(
      idealPrediction(contest.samples, process),
      process,
      contest,
      Rng.seeded(1),
    )
    t.true(Math.abs(ideal.range - contest.distance) < 0.6, String(ideal.range))
    t.true(ideal.predicted[0] < -1.5 && ideal.predicted[40] > 1.5)
    const blind = inBatches(50, async (x) => zeroRows(x.rows, x.columns))
    t.is((await responseCurve(blind, process, contest, Rng.seeded(1))).range, 0)
  })
}

test('one step from pure noise tells the mean where noise decides nothing', async (t) => {
  const noise = rows(Rng.seeded(6).fillNormal(new Float32Array(64 * D)), 64, D)
  const ideal = await firstStep(idealPrediction(contest.samples, flow()), flow(), noise, contest.samples)
  t.is(ideal.time, 0)
  t.true(ideal.signal < 1e-9)
  const copies = await firstStep(async () => contest.samples, flow(), noise, contest.samples)
  t.true(Math.abs(copies.signal - 1) < 1e-9)
})

test('distinct samples are counted', (t) => {
  const samples = rows(Float32Array.of(0, 1, 2, 3), 4, 1)
  const found = distinctSamples(rows(Float32Array.of(0.1, -3, 2.2, 2.1, 1.9), 5, 1), {
    samples,
    group: Uint8Array.of(0, 0, 1, 1),
  })
  t.deepEqual(found, { count: 5, distinct: 2, of: 4, share: 0.6 })
  t.throws(() => distinctSamples(zeroRows(1, 2), { samples, group: new Uint8Array(4) }), {
    instanceOf: InputError,
  })
})
