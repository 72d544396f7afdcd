import test from 'ava'
import {
  createSampler,
  ddpm,
  flow,
  inpaint,
  noiseFrom,
  type Process,
  type SamplerConfig,
  sample,
} from '../../src/diffusion/index.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, row, rows } from '../../src/rows.ts'
import { gaussian, ideal, moments } from './ideal.ts'

const chain = ddpm({ steps: 50 })
const straight = flow({ timeScale: 1 })
const runs: readonly [Process, SamplerConfig][] = [
  [chain, { type: 'ddpm' }],
  [chain, { type: 'ddim', steps: 10 }],
  [chain, { type: 'dpm-solver', steps: 10 }],
  [chain, { type: 'euler', steps: 10 }],
  [chain, { type: 'heun', steps: 10 }],
  [chain, { type: 'dopri5', rtol: 1e-2, atol: 1e-2 }],
  [straight, { type: 'euler', steps: 10 }],
  [straight, { type: 'heun', steps: 10 }],
  [straight, { type: 'dopri5', rtol: 1e-2, atol: 1e-2 }],
]
const normal = (count: number, columns: number, seed = 1): Rows =>
  rows(Rng.seeded(seed).fillNormal(new Float32Array(count * columns)), count, columns)

const mask = Uint8Array.of(1, 0, 0, 1)
const values = rows(Float32Array.of(0.25, 9, 9, -0.75, 0.5, 9, 9, 0.125), 2, 4)

for (const [process, config] of runs) {
  test(`${config.type} on ${process.type} holds known coordinates exactly at every step`, async (t) => {
    const project = inpaint({ mask, values })
    const denoise = ideal(process, gaussian(0, 0.5))
    let seen = 0
    const watched: typeof denoise = (x, time) => {
      if (config.type !== 'heun' && config.type !== 'dopri5') t.is(x.values[0], 0.25)
      return denoise(x, time)
    }
    const sampling = { process, denoise: watched, noise: normal(2, 4), project, rng: Rng.seeded(4) }
    for await (const { x } of createSampler(config)(sampling)) {
      for (const [i, known] of values.values.entries()) {
        if (mask[i % 4]) t.is(x.values[i], known)
        else t.not(x.values[i], known)
      }
      seen++
    }
    t.true(seen > 1)
  })

  test(`${config.type} on ${process.type} ends at values that it noised on the way`, async (t) => {
    for (const noise of [normal(2, 4, 7), noiseFrom({ rng: Rng.seeded(6) })]) {
      const project = inpaint({ mask, values, process, noise })
      const denoise = ideal(process, gaussian(0, 0.5))
      const sampling = { process, denoise, noise: normal(2, 4), project, rng: Rng.seeded(4) }
      const result = await sample(createSampler(config), sampling)
      for (const [i, known] of values.values.entries()) if (mask[i % 4]) t.is(result.values[i], known)
    }
  })
}

test('known coordinates follow the noise level of their time', (t) => {
  const known = rows(Float32Array.of(0.5), 1, 1)
  const fresh = inpaint({
    mask: Uint8Array.of(1),
    values: known,
    process: chain,
    noise: noiseFrom({ rng: Rng.seeded(2) }),
  })
  const x = normal(4000, 1)
  for (const time of [49, 25, 3]) {
    fresh(x, time, 0)
    const { mean, deviation } = moments(x.values)
    t.true(Math.abs(mean - chain.alpha(time) * 0.5) < 0.07)
    t.true(Math.abs(deviation - chain.sigma(time)) < 0.05)
  }
  const noise = normal(3, 1)
  const followed = normal(3, 1, 5)
  inpaint({ mask: Uint8Array.of(1), values: known, process: straight, noise })(followed, 0.25, 3)
  for (let i = 0; i < 3; i++) t.is(followed.values[i], Math.fround(0.125 + 0.75 * noise.values[i]))
})

test('a mask can differ from row to row', (t) => {
  const x = normal(2, 2)
  const before = x.values.slice()
  inpaint({ mask: Uint8Array.of(1, 0, 0, 1), values: rows(Float32Array.of(5, 6, 7, 8), 2, 2) })(x, 0, 0)
  t.deepEqual([...row(x, 0), ...row(x, 1)], [5, before[1], before[2], 8])
})

test('shapes that do not fit are refused', (t) => {
  t.throws(() => inpaint({ mask: new Uint8Array(3), values }), { message: /mask has 3 entries/ })
  t.throws(() => inpaint({ mask, values, noise: values }), { message: /needs the "process"/ })
  t.throws(() => inpaint({ mask: Uint8Array.of(1), values: rows(Float32Array.of(Number.NaN), 1, 1) }), {
    message: /NaN at element 0/,
  })
  t.throws(() => inpaint({ mask, values })(normal(3, 4), 0, 0), { message: /do not fit samples of 3 rows/ })
  t.throws(() => inpaint({ mask, values, process: chain, noise: normal(1, 4) })(normal(2, 4), 0, 0), {
    message: /noise of 1 rows/,
  })
})
