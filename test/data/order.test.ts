import test from 'ava'
import fc from 'fast-check'
import { shuffled } from '../../src/data/order.ts'
import { InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'

test('every epoch is a permutation, and another one', (t) => {
  const order = shuffled(40, Rng.seeded(3))
  const epochs = [0, 1, 2].map((epoch) => order.indices(epoch * 40, 40))
  for (const epoch of epochs)
    t.deepEqual(
      [...epoch].sort((a, b) => a - b),
      [...Array(40).keys()],
    )
  t.notDeepEqual(epochs[0], epochs[1])
  t.notDeepEqual(epochs[1], epochs[2])
})

test('any cut of the stream gives the same samples, from a fresh start too', (t) => {
  const places = fc.array(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 17 }),
      fc.nat(),
      fc.nat(1000),
      places,
      (samples, seed, from, counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0)
        const whole = shuffled(samples, Rng.seeded(seed)).indices(from, total)
        const order = shuffled(samples, Rng.seeded(seed))
        let at = from
        const parts = counts.flatMap((count) => {
          const resumed = shuffled(samples, Rng.seeded(seed)).indices(at, count)
          const part = order.indices(at, count)
          t.deepEqual(part, resumed)
          at += count
          return [...part]
        })
        t.deepEqual(parts, [...whole])
      },
    ),
    { numRuns: 60 },
  )
})

test('far places cost no more than near ones, and the stream is not advanced', (t) => {
  const rng = Rng.seeded(1)
  t.is(shuffled(10, rng).indices(1e12, 10).length, 10)
  t.deepEqual(rng.state(), Rng.seeded(1).state())
})

test('refuses places that are not', (t) => {
  t.throws(() => shuffled(0, Rng.seeded(1)), { instanceOf: InputError, message: /Cannot shuffle 0 samples/ })
  t.throws(() => shuffled(2, Rng.seeded(1)).indices(-1, 2), {
    instanceOf: InputError,
    message: /from place -1/,
  })
})
