import test from 'ava'
import fc from 'fast-check'
import { clip, firstOutside, sample, width } from '../../src/env/space.ts'
import { Rng } from '../../src/random/rng.ts'

const bound = fc.oneof(fc.float({ min: -1000, max: 1000, noNaN: true }), fc.constant(Number.NaN))
/** Boxes of one to four coordinates; a bound may be missing. */
const box = fc.array(fc.tuple(bound, fc.double({ min: 0.1, max: 100, noNaN: true }), fc.boolean()), {
  minLength: 1,
  maxLength: 4,
})
const toSpace = (sides: [number, number, boolean][]) => ({
  low: sides.map(([low]) => (Number.isNaN(low) ? -Infinity : low)),
  high: sides.map(([low, size, open]) => (open ? Infinity : Number.isNaN(low) ? size : low + size)),
  names: sides.map((_, i) => `${i}`),
})

test('samples lie inside, and clipping changes nothing inside', (t) => {
  const property = fc.property(box, fc.nat(), (sides, seed) => {
    const space = toSpace(sides)
    const point = sample(space, Rng.seeded(seed))
    t.is(point.length, width(space))
    t.true(point.every(Number.isFinite))
    t.is(firstOutside(space, point), -1)
    t.is(firstOutside(space, clip(space, point)), -1)
  })
  t.notThrows(() => fc.assert(property))
})

test('the first coordinate outside is named', (t) => {
  const space = { low: [0, 0, -Infinity], high: [1, 1, 0], names: ['a', 'b', 'c'] }
  t.is(firstOutside(space, [0, 1, -1e30]), -1)
  t.is(firstOutside(space, [0.5, 1.1, 3]), 1)
  t.is(firstOutside(space, [0.5, 0.5, Number.NaN]), 2)
  t.deepEqual(clip(space, [-1, 2, 3]), [0, 1, 0])
})
