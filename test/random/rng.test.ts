import test from 'ava'
import fc from 'fast-check'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { normalLoops } from '../../src/random/simd.ts'
import { threefry, threefryStream } from '../../src/random/threefry.ts'

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ')

test("threefry gives Random123's known answers", (t) => {
  const out = new Uint32Array(4)
  threefry(new Uint32Array(4), new Uint32Array(4), out, 13)
  t.is(hex(out), '531c7e4f 39491ee5 2c855a92 3d6abf9a')
  threefry(new Uint32Array(4), new Uint32Array(4), out, 20)
  t.is(hex(out), '9c6ca96a e17eae66 fc10ecd4 5256a7d8')
  const ones = new Uint32Array(4).fill(0xffffffff)
  threefry(ones, ones, out, 20)
  t.is(hex(out), '2a881696 57012287 f6c7446e a16a6732')
})

test('the written-out stream is threefry with 12 rounds', (t) => {
  const key = Uint32Array.of(1, 2, 3, 0xdeadbeef)
  const stream = new Uint32Array(8)
  const block = new Uint32Array(4)
  threefryStream(key, 2 ** 33 + 5, stream)
  for (const i of [0, 1]) {
    threefry(key, Uint32Array.of(5 + i, 2, 0, 0), block, 12)
    t.deepEqual(stream.slice(4 * i, 4 * i + 4), block)
  }
})

test('a stream continues exactly from its state', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 1000 }), (seed, drawn) => {
      const rng = Rng.seeded(seed)
      for (let i = 0; i < drawn; i++) rng.uint32()
      const state = JSON.parse(JSON.stringify(rng.state()))
      const expected = rng.fillNormal(new Float32Array(20))
      t.is(state.position, drawn)
      t.deepEqual(Rng.restored(state).fillNormal(new Float32Array(20)), expected)
    }),
  )
})

test('filling equals drawing one by one', (t) => {
  const filled = Rng.seeded(7).fillNormal(new Float64Array(5000))
  const rng = Rng.seeded(7)
  t.deepEqual(
    filled,
    Float64Array.from({ length: 5000 }, () => rng.normal()),
  )
})

test('forks depend on names alone and differ', (t) => {
  const rng = Rng.seeded(3)
  const before = rng.fork('noise', 12).uint32()
  rng.uint32()
  t.is(rng.fork('noise', 12).uint32(), before)
  t.is(rng.fork('noise').fork(12).uint32(), before)
  const words = new Set<number>()
  for (let i = 0; i < 1000; i++) {
    for (const name of ['noise', 'order', '']) words.add(rng.fork(name, i).uint32())
  }
  // 3,000 distinct streams among 2³² words: a collision has probability 0.001.
  t.is(words.size, 3000)
})

test('normal numbers have the moments and tails of the standard normal', (t) => {
  const n = 2_000_000
  const values = Rng.seeded(5).fillNormal(new Float32Array(n))
  const moments = [0, 0, 0, 0]
  let beyond2 = 0
  let beyond37 = 0
  for (const x of values) {
    for (let k = 0, power = x; k < 4; k++, power *= x) moments[k] += power / n
    if (Math.abs(x) > 2) beyond2++
    if (Math.abs(x) > 3.7) beyond37++
  }
  // Five standard errors of each moment.
  const expected = [0, 1, 0, 3]
  const variance = [1, 2, 15, 96]
  for (let k = 0; k < 4; k++) {
    t.true(
      Math.abs(moments[k] - expected[k]) < 5 * Math.sqrt(variance[k] / n),
      `moment ${k + 1}: ${moments[k]}`,
    )
  }
  t.true(Math.abs(beyond2 / n - 0.0455003) < 5 * Math.sqrt(0.0455 / n))
  t.true(Math.abs(beyond37 / n - 0.0002156) < 5 * Math.sqrt(0.0002156 / n))
})

test('whole numbers are uniform over their range', (t) => {
  const rng = Rng.seeded(11)
  const counts = new Array(7).fill(0)
  for (let i = 0; i < 70_000; i++) counts[rng.integer(-3, 4) + 3]++
  const chi2 = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  // The 99.9 % point of χ² with 6 degrees of freedom.
  t.true(chi2 < 22.46, `${chi2}`)
})

test('a permutation holds every index once', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 500 }), fc.nat(), (n, seed) => {
      t.deepEqual(
        Rng.seeded(seed).permutation(n).sort(),
        Int32Array.from({ length: n }, (_, i) => i),
      )
    }),
  )
})

test('uniform numbers stay below one', (t) => {
  for (const x of Rng.seeded(2).fillUniform(new Float32Array(100_000))) t.true(x >= 0 && x < 1)
})

test('bad seeds, ranges and labels are refused', (t) => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53])
    t.throws(() => Rng.seeded(seed), { instanceOf: InputError })
  t.throws(() => Rng.seeded(1).integer(3, 3), { instanceOf: InputError })
  t.throws(() => Rng.seeded(1).fork(0.5), { instanceOf: InputError })
})

test('the WebAssembly loops give the scalar stream, bit for bit, from any place', (t) => {
  t.truthy(normalLoops())
  for (const [skipped, count] of [
    [0, 40_000],
    [3, 5000],
    [255, 20_001],
    [256, 4096],
    [100, 8191],
  ]) {
    const [fast, slow] = [Rng.seeded(5), Rng.seeded(5)]
    for (let i = 0; i < skipped; i++) t.is(fast.uint32(), slow.uint32())
    // Double precision is not made by the loops.
    const expected = Float32Array.from(slow.fillNormal(new Float64Array(count)))
    t.deepEqual(fast.fillNormal(new Float32Array(count)), expected)
    t.deepEqual(fast.state(), slow.state())
    t.is(fast.uint32(), slow.uint32())
    t.is(Rng.restored(fast.state()).uint32(), slow.uint32())
  }
})

test('blocks whose counter carries are made too', (t) => {
  const { words, buffer } = normalLoops()!
  const key = Uint32Array.of(0xdeadbeef, 2, 0x80000001, 77)
  const expected = new Uint32Array(buffer.length)
  for (const block of [64, 5 * 2 ** 32 - 64]) {
    threefryStream(key, block, expected)
    words(key, block)
    t.deepEqual(buffer, expected)
  }
})
