import test from 'ava'
import { InputError } from '../../../src/errors.ts'
import { pixelFeatures } from '../../../src/evaluate/images/features.ts'
import { frechetDistance } from '../../../src/evaluate/images/frechet.ts'
import { kernelDistance, ownKernel } from '../../../src/evaluate/images/kernel-distance.ts'
import { manifold, precisionRecall } from '../../../src/evaluate/images/manifold.ts'
import { createReference, measureImages } from '../../../src/evaluate/images/measure.ts'
import { moments } from '../../../src/evaluate/images/moments.ts'
import { Rng } from '../../../src/random/rng.ts'
import { type Rows, rows } from '../../../src/rows.ts'

/** Normal rows with a mean and a deviation. */
function cloud(seed: number, count: number, columns: number, mean = 0, deviation = 1): Rows {
  const values = Rng.seeded(seed).fillNormal(new Float32Array(count * columns))
  return rows(
    values.map((value) => mean + deviation * value),
    count,
    columns,
  )
}

test('moments are the mean and the unbiased covariance', (t) => {
  const { mean, covariance } = moments(rows(Float32Array.of(1, 2, 3, 6, 5, 4), 3, 2))
  t.deepEqual([...mean], [3, 4])
  t.deepEqual(
    [...covariance].map((x) => Math.round(x * 1e9) / 1e9),
    [4, 2, 2, 4],
  )
  t.throws(() => moments(rows(Float32Array.of(1), 1, 1)), { instanceOf: InputError })
})

test('the Fréchet distance of normal distributions is the closed form, in any basis', (t) => {
  // diag(4, 1) and diag(1, 9), both turned by 30°: |Δm|² + (2 − 1)² + (1 − 3)².
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]
  const turned = (a: number, b: number) =>
    Float64Array.of(a * c * c + b * s * s, (a - b) * c * s, (a - b) * c * s, a * s * s + b * c * c)
  const a = { count: 9, mean: Float64Array.of(0, 0), covariance: turned(4, 1) }
  const b = { count: 9, mean: Float64Array.of(3, 4), covariance: turned(1, 9) }
  t.true(Math.abs(frechetDistance(a, b) - 30) < 1e-9)
  t.true(Math.abs(frechetDistance(a, a)) < 1e-9)
  // Matrices that do not commute: tr((C₁·C₂)^½) = √(tr(C₁·C₂) + 2·√det(C₁·C₂)) for two dimensions.
  const d = { count: 9, mean: Float64Array.of(0, 0), covariance: Float64Array.of(4, 0, 0, 1) }
  const [p, q, r] = turned(1, 9)
  const product = 4 * p + turned(1, 9)[3]
  const determinant = 4 * (p * turned(1, 9)[3] - q * r)
  const expected = 5 + 10 - 2 * Math.sqrt(product + 2 * Math.sqrt(determinant))
  t.true(Math.abs(frechetDistance(d, { ...b, mean: d.mean }) - expected) < 1e-9)
})

test('the kernel distance is about 0 for like sets and grows with the difference', (t) => {
  const real = cloud(1, 400, 4)
  t.true(Math.abs(kernelDistance(real, cloud(2, 400, 4))) < 0.1)
  t.true(kernelDistance(real, cloud(3, 400, 4, 1)) > 1)
  // By hand, of 1 and 2 against 0 and 1: kernels (x·y + 1)³ within and across.
  const [a, b] = [rows(Float32Array.of(1, 2), 2, 1), rows(Float32Array.of(0, 1), 2, 1)]
  t.is(kernelDistance(a, b), 27 + 1 - (1 + 8 + 1 + 27) / 2)
  t.is(kernelDistance(a, b, ownKernel(a)), kernelDistance(a, b))
  t.throws(() => ownKernel(rows(Float32Array.of(1), 1, 1)), { message: /at least 2 images/ })
})

test('precision tells bad samples from missing ones, which recall tells', (t) => {
  const real = rows(
    Float32Array.of(...cloud(1, 200, 2, -5, 0.5).values, ...cloud(2, 200, 2, 5, 0.5).values),
    400,
    2,
  )
  const known = manifold(real)
  const half = precisionRecall(known, manifold(cloud(3, 300, 2, -5, 0.5)))
  t.true(half.precision > 0.9)
  t.true(half.recall > 0.4 && half.recall < 0.6)
  const wide = precisionRecall(known, manifold(cloud(4, 300, 2, 0, 8)))
  t.true(wide.precision < 0.2)
  t.throws(() => manifold(cloud(1, 3, 2)), { message: /3-th neighbours/ })
})

test('all figures are best for the real images themselves', (t) => {
  const real = createReference(cloud(5, 300, 6))
  const same = measureImages(real, real.features)
  t.true(Math.abs(same.frechet) < 1e-6)
  t.is(same.precision, 1)
  t.is(same.recall, 1)
  t.true(measureImages(real, cloud(6, 300, 6, 0.5)).frechet > 1)
})

test('pixel features average squares', async (t) => {
  const pixels = new Uint8Array(32 * 32).fill(255)
  const { columns, values } = await pixelFeatures.extract({
    pixels,
    count: 1,
    height: 32,
    width: 32,
    colors: 1,
  })
  t.is(columns, 256)
  t.true(values.every((value) => Math.abs(value - 1) < 1e-6))
})
