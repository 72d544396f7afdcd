import test from 'ava'
import fc from 'fast-check'
import { type Denoise, guide } from '../../src/diffusion/index.ts'
import { InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'

const fixed =
  (values: readonly number[], columns: number): Denoise =>
  async () =>
    rows(Float32Array.from(values), values.length / columns, columns)
const x = rows(new Float32Array(4), 2, 2)

test('scale 1 is conditional and scale 0 unconditional, without asking the other', async (t) => {
  const never: Denoise = async () => {
    throw new Error('asked')
  }
  const said = fixed([1, 2, 3, 4], 2)
  t.deepEqual(
    (await guide({ conditional: said, unconditional: never, scale: 1 })(x, 0)).values,
    Float32Array.of(1, 2, 3, 4),
  )
  t.deepEqual(
    (await guide({ conditional: never, unconditional: said, scale: 0 })(x, 0)).values,
    Float32Array.of(1, 2, 3, 4),
  )
})

test('guidance goes beyond the conditional prediction in a straight line', async (t) => {
  const denoise = guide({
    conditional: fixed([2, 0, 1, 1], 2),
    unconditional: fixed([1, 1, 1, 3], 2),
    scale: 3,
  })
  t.deepEqual((await denoise(x, 0)).values, Float32Array.of(4, -2, 1, -3))
})

test('networks may share their output buffer', async (t) => {
  const shared = new Float32Array(2)
  const writes =
    (value: number): Denoise =>
    async () =>
      rows(shared.fill(value), 1, 2)
  const denoise = guide({ conditional: writes(5), unconditional: writes(1), scale: 2 })
  t.deepEqual((await denoise(rows(new Float32Array(2), 1, 2), 0)).values, Float32Array.of(9, 9))
})

test('full rescaling gives every row the spread of its conditional prediction', async (t) => {
  const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(
      numbers,
      numbers,
      fc.double({ min: 0, max: 9, noNaN: true }),
      async (given, free, scale) => {
        const spread = (values: ArrayLike<number>, begin: number) => {
          const part = [values[begin], values[begin + 1], values[begin + 2]]
          const mean = (part[0] + part[1] + part[2]) / 3
          return Math.sqrt(part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3)
        }
        const denoise = { conditional: fixed(given, 3), unconditional: fixed(free, 3), scale }
        const plain = (await guide(denoise)(x, 0)).values
        const scaled = (await guide({ ...denoise, rescale: 1 })(x, 0)).values
        const half = (await guide({ ...denoise, rescale: 0.5 })(x, 0)).values
        for (const begin of [0, 3]) {
          if (spread(plain, begin) < 1e-2) continue
          t.true(Math.abs(spread(scaled, begin) - spread(given, begin)) < 1e-4)
        }
        if (scale === 1) return
        for (let i = 0; i < 6; i++)
          t.true(Math.abs(half[i] - (plain[i] + scaled[i]) / 2) <= 1e-5 * (1 + Math.abs(scaled[i])))
      },
    ),
    { numRuns: 50 },
  )
})

test('bad settings are refused', async (t) => {
  const said = fixed([1, 2], 2)
  t.throws(() => guide({ conditional: said, unconditional: said, scale: Number.NaN }), {
    instanceOf: InputError,
  })
  t.throws(() => guide({ conditional: said, unconditional: said, scale: 2, rescale: 2 }), {
    message: /"rescale" is 2/,
  })
  const denoise = guide({ conditional: said, unconditional: fixed([1], 1), scale: 2 })
  await t.throwsAsync(denoise(x, 0), { message: /same shape/ })
})
