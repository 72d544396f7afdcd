import test from 'ava'
import {
  consistency,
  createSampler,
  type Denoise,
  estimateCoefficients,
  initialNoise,
  type Process,
  sample,
} from '../../src/diffusion/index.ts'
import { Rng } from '../../src/random/rng.ts'
import { moments, quantiles } from './ideal.ts'

const process = consistency({ timeScale: 1 })
const training = process.consistency!
const [mean, deviation] = [0.3, 0.6]

/** The clean end of the path through data + σ·noise for data N(mean, deviation²). */
const cleanEnd = (value: number, sigma: number) =>
  mean + (value - mean) * Math.sqrt((deviation ** 2 + 0.002 ** 2) / (deviation ** 2 + sigma ** 2))

/** A network after endless training on such data. It undoes the scaling of its input. */
const perfect: Denoise = async (input, time) => {
  const sigma = Math.exp(4 * time)
  const skip = 0.25 / ((sigma - 0.002) ** 2 + 0.25)
  const out = (0.5 * (sigma - 0.002)) / Math.sqrt(sigma ** 2 + 0.25)
  const values = input.values.map((scaled) => {
    const value = scaled * Math.sqrt(sigma ** 2 + 0.25)
    return (cleanEnd(value, sigma) - skip * value) / out
  })
  return { ...input, values }
}

test('the boundary condition holds: at the smallest noise level the sample itself is the answer', (t) => {
  for (const sigmaMin of [0.002, 0.1]) {
    const { prediction, sample } = consistency({ sigmaMin }).toData(sigmaMin)
    const alpha = 1 / Math.sqrt(1 + sigmaMin ** 2)
    t.is(prediction, 0)
    t.true(Math.abs(sample * alpha - 1) < 1e-12)
  }
})

test('coefficients are those of the paper, in samples of unit variance', (t) => {
  for (const sigma of [0.01, 0.5, 3, 80]) {
    const found = estimateCoefficients(consistency(), [sigma])
    const scale = Math.sqrt(1 + sigma ** 2)
    const near = (value: Float32Array, expected: number) =>
      t.true(Math.abs(value[0] - expected) < 1e-6 * Math.max(1, Math.abs(expected)), `${expected}`)
    near(found.alpha, 1 / scale)
    near(found.sigma, sigma / scale)
    near(found.sample, (0.25 / ((sigma - 0.002) ** 2 + 0.25)) * scale)
    near(found.prediction, (0.5 * (sigma - 0.002)) / Math.sqrt(0.25 + sigma ** 2))
    near(found.input, scale / Math.sqrt(sigma ** 2 + 0.25))
    near(found.time, 250 * Math.log(sigma))
  }
})

test('the grid has 11 noise levels at first, 1,281 at last, and doubles every eighth of the training', (t) => {
  const levels = [0, 49_999, 50_000, 100_000, 349_999, 350_000, 399_999].map((step) =>
    training.levels(step, 400_000),
  )
  t.deepEqual(levels, [11, 11, 21, 41, 641, 1281, 1281])
  t.is(training.levels(1, 1), 1281)
  t.is(consistency({ intervals: [10, 160] }).consistency!.levels(2999, 3000), 161)
  t.is(training.levels(2, 3), 321)
})

test('neighbouring levels are drawn as often as a log-normal distribution says', (t) => {
  const rng = Rng.seeded(2)
  const counts = new Map<number, number>()
  const total = 40_000
  for (let i = 0; i < total; i++) {
    const { time, nearer } = training.draw(rng, 0, 100)
    const at = (i: number) => (0.002 ** (1 / 7) + (i / 10) * (80 ** (1 / 7) - 0.002 ** (1 / 7))) ** 7
    const place = Array.from({ length: 10 }, (_, i) => i).find((i) => Math.abs(at(i) - nearer) < 1e-9 * at(i))
    t.true(place !== undefined && Math.abs(at(place + 1) - time) < 1e-9 * time)
    counts.set(place!, (counts.get(place!) ?? 0) + 1)
  }
  // Differences of erf((ln σ + 1.1) / (2·√2)) at the eleven levels over their sum, by Python's math.erf.
  const shares = [0.06263, 0.18174, 0.2455, 0.21349, 0.14245, 0.0806, 0.04108, 0.01958, 0.00894, 0.00398]
  for (const [i, share] of shares.entries()) {
    const found = (counts.get(i) ?? 0) / total
    t.true(Math.abs(found - share) < 4 * Math.sqrt(share / total), `level ${i}: ${found}, not ${share}`)
  }
})

test('one step of a perfect model gives the distribution of the data', async (t) => {
  const { values } = await sample(createSampler({ type: 'consistency' }), {
    process,
    denoise: perfect,
    noise: quantiles(400),
  })
  const found = moments(values)
  // Samples start without the data's share of the noisiest level.
  t.true(Math.abs(found.mean - mean) < 0.005, `${found.mean}`)
  t.true(Math.abs(found.deviation - deviation) < 0.005, `${found.deviation}`)
})

test('further steps noise the data afresh, to levels between the ends', async (t) => {
  const times: number[] = []
  const streams = Array.from({ length: 4000 }, (_, i) => Rng.seeded(4).fork('row', i))
  const sampler = createSampler({ type: 'consistency', steps: 3 })
  let last: Float32Array | undefined
  for await (const step of sampler({ process, denoise: perfect, noise: initialNoise(streams, 1), streams })) {
    times.push(step.time)
    last = step.x.values
    t.is(step.evaluations, step.step)
  }
  const middle = ((80 ** (1 / 7) + 0.821 ** (1 / 7)) / 2) ** 7
  t.deepEqual(
    times.map((time) => time.toFixed(6)),
    [middle, 0.821, 0].map((time) => time.toFixed(6)),
  )
  const found = moments(last!)
  // Four standard errors of 4,000 samples.
  t.true(Math.abs(found.mean - mean) < (4 * deviation) / Math.sqrt(4000), `${found.mean}`)
  t.true(Math.abs(found.deviation - deviation) < (4 * deviation) / Math.sqrt(8000), `${found.deviation}`)
})

test('what does not fit is refused', async (t) => {
  t.throws(() => consistency({ sigmaMin: 1, sigmaMax: 0.5 }), { message: /give the smaller one first/ })
  t.throws(() => consistency({ intervals: [0, 4] }), { message: /"intervals\[0\]" is 0/ })
  t.throws(() => consistency({ sigmaData: 0 }), { message: /"sigmaData" is 0/ })
  const run = (config: { steps?: number; sigma?: number }, target: Process = process) =>
    sample(createSampler({ type: 'consistency', ...config }), {
      process: target,
      denoise: perfect,
      noise: quantiles(4),
      rng: Rng.seeded(1),
    })
  await t.throwsAsync(run({ steps: 0 }), { message: /"steps" is 0/ })
  await t.throwsAsync(run({ steps: 2, sigma: 90 }), {
    message: /must lie between the noise levels 0.002 and 80/,
  })
  await t.throwsAsync(
    sample(createSampler({ type: 'consistency', steps: 2 }), {
      process,
      denoise: perfect,
      noise: quantiles(4),
    }),
    { message: /exactly one source/ },
  )
})
