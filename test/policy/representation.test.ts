import test from 'ava'
import fc from 'fast-check'
import { InputError } from '../../src/errors.ts'
import { type RepresentationOptions, representation } from '../../src/policy/representation.ts'

const base: RepresentationOptions = {
  observe: 2,
  plan: 4,
  observationWidth: 2,
  actionWidth: 1,
  observations: 'history',
  actions: 'absolute',
}
const encoded = (options: Partial<RepresentationOptions>, history: number[], actions: number[]) => {
  const r = representation({ ...base, ...options })
  const out = new Float32Array(r.chunkWidth)
  r.encode(Float32Array.from(history), Float32Array.from(actions), out)
  return [...out]
}

test('differences keep the last observation and turn the earlier ones into changes', (t) => {
  const r = representation({ ...base, observe: 3, observations: 'differences' })
  const out = new Float32Array(6)
  r.condition(Float32Array.of(1, 10, 3, 20, 7, 40), out)
  t.deepEqual([...out], [2, 10, 4, 20, 7, 40])
})

test('a cumulative chunk is the path from the present position', (t) => {
  // The first action was taken already: the position after it is the present one, 0.
  t.deepEqual(encoded({ actions: 'cumulative' }, [0, 0, 0, 0], [5, 1, 2, 3]), [0, 1, 3, 6])
  t.deepEqual(
    encoded({ actions: 'cumulative', observe: 3, observationWidth: 1 }, [0, 0, 0], [5, 1, 2, 3]),
    [-1, 0, 2, 5],
  )
})

test('a relative chunk is measured from the last observation', (t) => {
  t.deepEqual(encoded({ actions: 'relative', reference: [1] }, [0, 0, 9, 4], [5, 6, 7, 8]), [1, 2, 3, 4])
})

test('decoding gives back the actions from the present on', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        observe: fc.integer({ min: 1, max: 3 }),
        extra: fc.integer({ min: 1, max: 6 }),
        width: fc.integer({ min: 1, max: 3 }),
        actions: fc.constantFrom('absolute' as const, 'cumulative' as const, 'relative' as const),
        seed: fc.nat({ max: 999 }),
      }),
      ({ observe, extra, width, actions, seed }) => {
        const plan = observe + extra
        const r = representation({
          observe,
          plan,
          observationWidth: width,
          actionWidth: width,
          observations: 'history',
          actions,
          reference: Array.from({ length: width }, (_, i) => i),
        })
        const history = Float32Array.from({ length: observe * width }, (_, i) => Math.sin(seed + i))
        const taken = Float32Array.from({ length: plan * width }, (_, i) => Math.cos(seed * 3 + i))
        const chunk = new Float32Array(plan * width)
        const back = new Float32Array(plan * width)
        r.encode(history, taken, chunk)
        r.decode(history, chunk, back)
        for (let i = (observe - 1) * width; i < back.length; i++) t.true(Math.abs(back[i] - taken[i]) < 1e-5)
      },
    ),
  )
})

test('relative actions need a reference', (t) => {
  for (const reference of [undefined, [], [2], [-1]]) {
    t.throws(() => representation({ ...base, actions: 'relative', reference }), { instanceOf: InputError })
  }
})
