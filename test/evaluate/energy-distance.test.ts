import test from 'ava'
import { energyDistance } from '../../src/evaluate/energy-distance.ts'
import { Rng } from '../../src/random/rng.ts'
import { rows } from '../../src/rows.ts'

const normals = (seed: number, count: number, columns: number, shift = 0) =>
  rows(
    Rng.seeded(seed)
      .fillNormal(new Float32Array(count * columns))
      .map((value) => value + shift),
    count,
    columns,
  )

test('the energy distance of a hand-made pair of samples', (t) => {
  // 2 · mean(1, 3, 0, 2) − 1 − 2 with the within-sample means over distinct pairs.
  t.is(energyDistance(rows(Float32Array.of(0, 1), 2, 1), rows(Float32Array.of(1, 3), 2, 1)), 2 * 1.5 - 1 - 2)
})

test('it is symmetric, about 0 for equal distributions, and grows with their distance', (t) => {
  const a = normals(1, 300, 4)
  const b = normals(2, 200, 4)
  t.true(Math.abs(energyDistance(a, b) - energyDistance(b, a)) < 1e-9)
  t.true(Math.abs(energyDistance(a, b)) < 0.03)
  const near = energyDistance(a, normals(3, 200, 4, 0.5))
  const far = energyDistance(a, normals(3, 200, 4, 1))
  t.true(near > 0.1 && far > 2 * near)
})

test('it is without bias', (t) => {
  const estimates = Array.from({ length: 200 }, (_, i) =>
    energyDistance(normals(2 * i, 12, 2), normals(2 * i + 1, 12, 2)),
  )
  const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length
  const deviation = Math.sqrt(
    estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / estimates.length,
  )
  t.true(Math.abs(mean) < (3 * deviation) / Math.sqrt(estimates.length))
})

test('samples that do not fit are refused', (t) => {
  t.throws(() => energyDistance(normals(1, 1, 2), normals(2, 5, 2)), { name: 'InputError' })
  t.throws(() => energyDistance(normals(1, 5, 2), normals(2, 5, 3)), { name: 'InputError', message: /width/ })
})
