import { readFileSync } from 'node:fs'
import test from 'ava'
import { randomState } from '../../src/random/numpy.ts'

interface Golden {
  integers: number[]
  normals: number[]
  uniforms: number[]
  late: number
}

const golden: Record<string, Golden> = JSON.parse(
  readFileSync(new URL('../fixtures/random/numpy.json', import.meta.url), 'utf8'),
).seeds

test("gives NumPy's numbers to the last bit", (t) => {
  for (const [seed, { integers, normals, uniforms, late }] of Object.entries(golden)) {
    const random = randomState(Number(seed))
    const four = Array.from({ length: 4 }, () => random.integer(50, 450))
    t.deepEqual([...four, random.integer(0, 1), random.integer(-5, 2 ** 31), random.integer(0, 7)], integers)
    t.deepEqual(
      normals.map(() => random.normal()),
      normals,
    )
    t.deepEqual(
      uniforms.map(() => random.uniform()),
      uniforms,
    )
    for (let i = 1; i < 1000; i++) random.uniform()
    t.is(random.uniform(), late)
  }
})

test('refuses seeds and ranges that NumPy refuses', (t) => {
  for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) {
    t.throws(() => randomState(seed), { name: 'InputError', message: /seed/ })
  }
  for (const [low, high] of [
    [3, 3],
    [4, 3],
    [0, 2 ** 33],
    [0.5, 2],
  ]) {
    t.throws(() => randomState(0).integer(low, high), { name: 'InputError', message: /range/ })
  }
})
