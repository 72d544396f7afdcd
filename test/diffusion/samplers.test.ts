import test from 'ava'
import {
  createSampler,
  type Denoise,
  ddpm,
  flow,
  initialNoise,
  type Process,
  type SamplerConfig,
  type SamplerStep,
  sample,
} from '../../src/diffusion/index.ts'
import { FailureError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, row, rows } from '../../src/rows.ts'
import { gaussian, ideal, moments, points, quantiles } from './ideal.ts'

const chain = ddpm({ steps: 1000, schedule: 'scaled_linear', clip: false })
const straight = flow({ timeScale: 1 })
const round = flow({ timeScale: 1, path: 'trigonometric' })

const mean = 0.4
const deviation = 0.7

/** Where the exact path from each noise value ends, for Gaussian data. */
function exact(process: Process, noise: Rows, end = process.end): Float64Array {
  const spread = (t: number) => Math.hypot(process.alpha(t) * deviation, process.sigma(t))
  return Float64Array.from(noise.values, (value) => {
    const z = (value - process.alpha(process.start) * mean) / spread(process.start)
    return process.alpha(end) * mean + spread(end) * z
  })
}

/** Root mean square distance to the exact end of the path. */
async function error(process: Process, config: SamplerConfig, noise = quantiles(40)): Promise<number> {
  const denoise = ideal(process, gaussian(mean, deviation))
  const { values } = await sample(createSampler(config), { process, denoise, noise })
  const truth = exact(process, noise)
  return Math.sqrt(values.reduce((sum, value, i) => sum + (value - truth[i]) ** 2, 0) / values.length)
}

const deterministic: readonly [string, Process, (steps: number) => SamplerConfig][] = [
  ['ddim on ddpm', chain, (steps) => ({ type: 'ddim', steps, spacing: 'trailing' })],
  ['pndm on ddpm', chain, (steps) => ({ type: 'pndm', steps, spacing: 'trailing' })],
  ['euler on ddpm', chain, (steps) => ({ type: 'euler', steps })],
  ['heun on ddpm', chain, (steps) => ({ type: 'heun', steps })],
  ['dpm-solver on ddpm', chain, (steps) => ({ type: 'dpm-solver', steps })],
  ['dpm-solver with karras on ddpm', chain, (steps) => ({ type: 'dpm-solver', steps, spacing: 'karras' })],
  ['euler on flow', straight, (steps) => ({ type: 'euler', steps })],
  ['heun on flow', straight, (steps) => ({ type: 'heun', steps })],
  ['midpoint on ddpm', chain, (steps) => ({ type: 'midpoint', steps })],
  ['midpoint on flow', straight, (steps) => ({ type: 'midpoint', steps })],
  ['dpm-solver on flow', straight, (steps) => ({ type: 'dpm-solver', steps })],
  ['heun on a trigonometric flow', round, (steps) => ({ type: 'heun', steps })],
]

for (const [name, process, config] of deterministic) {
  test(`${name}: reaches Gaussian data as steps grow`, async (t) => {
    const few = await error(process, config(8))
    const many = await error(process, config(128))
    t.true(many < 0.015, `128 steps: ${many}`)
    t.true(many < few / 4, `8 steps: ${few}, 128 steps: ${many}`)
  })

  test(`${name}: reaches separate points in their shares`, async (t) => {
    const noise = quantiles(200)
    const denoise = ideal(process, points([-0.9, 0.8], [0.3, 0.7]))
    const { values } = await sample(createSampler(config(100)), { process, denoise, noise })
    const share = values.filter((value) => value > 0).length / 200
    t.true(Math.abs(share - 0.7) <= 0.02, `share ${share}`)
    const astray = values.filter((value) => Math.abs(value - (value > 0 ? 0.8 : -0.9)) > 0.03).length
    t.true(astray <= 2, `${astray} between the points`)
  })
}

for (const [type, order, steps, process] of [
  ['euler', 1, 16, straight],
  ['heun', 2, 32, straight],
  // On the straight path to Gaussian data its error of second order happens to vanish.
  ['midpoint', 3, 8, straight],
  ['midpoint', 2, 16, round],
  // The steps next to the ends are infinitely long in its variable, which delays its order.
  ['dpm-solver', 2, 128, straight],
] as const) {
  test(`${type} converges with order ${order} on ${process.name}`, async (t) => {
    const coarse = await error(process, { type, steps })
    const fine = await error(process, { type, steps: 2 * steps })
    const measured = Math.log2(coarse / fine)
    t.true(Math.abs(measured - order) < 0.25, `order ${measured}`)
  })
}

test('dopri5 keeps its tolerance, and asks more of the network for a smaller one', async (t) => {
  const noise = quantiles(40)
  const denoise = ideal(straight, gaussian(mean, deviation))
  const truth = exact(straight, noise)
  let before = 0
  for (const tolerance of [1e-2, 1e-4, 1e-6]) {
    let last: SamplerStep | undefined
    let calls = 0
    const counted: Denoise = (x, time) => {
      calls++
      return denoise(x, time)
    }
    const sampler = createSampler({ type: 'dopri5', rtol: tolerance, atol: tolerance })
    for await (const event of sampler({ process: straight, denoise: counted, noise })) last = event
    const apart = Math.max(...truth.map((value, i) => Math.abs((last?.x.values[i] ?? 0) - value)))
    t.true(apart < 10 * tolerance, `error ${apart} at tolerance ${tolerance}`)
    t.is(last?.evaluations, calls)
    t.is(last?.time, 1)
    t.is(last?.steps, undefined)
    t.true(calls > before)
    before = calls
  }
  t.true(before < 200, `${before} evaluations`)
})

test('dopri5 solves a DDPM down to its first step and returns the predicted data', async (t) => {
  const noise = quantiles(40)
  const denoise = ideal(chain, gaussian(mean, deviation))
  const events: SamplerStep[] = []
  const sampler = createSampler({ type: 'dopri5', rtol: 1e-5, atol: 1e-5 })
  for await (const event of sampler({ process: chain, denoise, noise })) events.push(event)
  const before = events.at(-2)
  t.is(before?.time, 0)
  const truth = exact(chain, noise, 0)
  // The noise level is interpolated linearly between whole steps, so the path is the exact one there.
  for (const [i, value] of truth.entries()) t.true(Math.abs((before?.x.values[i] ?? 0) - value) < 1e-4)
  t.deepEqual(events.at(-1)?.x.values, events.at(-1)?.denoised.values)
  t.is(events.at(-1)?.time, -1)
})

test('dopri5 gives up at its limit of evaluations', async (t) => {
  const denoise = ideal(straight, points([-1, 1], [0.5, 0.5]))
  const sampler = createSampler({ type: 'dopri5', rtol: 1e-9, atol: 1e-9, maxEvaluations: 50 })
  await t.throwsAsync(sample(sampler, { process: straight, denoise, noise: quantiles(8) }), {
    instanceOf: FailureError,
    message: /50 network evaluations/,
  })
})

test('ddpm reaches Gaussian data', async (t) => {
  const process = ddpm({ steps: 100, clip: false, prediction: 'velocity' })
  const streams = Array.from({ length: 2000 }, (_, i) => Rng.seeded(5).fork('row', i))
  const { values } = await sample(createSampler({ type: 'ddpm', variance: 'large' }), {
    process,
    denoise: ideal(process, gaussian(mean, deviation)),
    noise: initialNoise(streams, 1),
    streams,
  })
  const found = moments(values)
  // Four standard errors of 2,000 samples.
  t.true(Math.abs(found.mean - mean) < 0.063, `mean ${found.mean}`)
  t.true(Math.abs(found.deviation - deviation) < 0.045, `deviation ${found.deviation}`)
})

test('ddpm and ddim with eta 1 reach separate points in their shares', async (t) => {
  const process = ddpm({ steps: 100 })
  for (const config of [{ type: 'ddpm' }, { type: 'ddim', steps: 50, eta: 1 }] as SamplerConfig[]) {
    const rng = Rng.seeded(8)
    const noise = rows(rng.fillNormal(new Float32Array(1500)), 1500, 1)
    const denoise = ideal(process, points([-0.9, 0.8], [0.3, 0.7]))
    const { values } = await sample(createSampler(config), { process, denoise, noise, rng })
    const share = values.filter((value) => value > 0).length / values.length
    t.true(Math.abs(share - 0.7) < 0.05, `${config.type}: ${share}`)
    t.true(values.every((value) => Math.abs(value - (value > 0 ? 0.8 : -0.9)) < 0.01))
  }
})

test('ddim with eta 1 is ddpm, whatever the number of steps', async (t) => {
  const process = ddpm({ steps: 100, clip: false, prediction: 'velocity' })
  const denoise = ideal(process, points([-0.9, 0.8], [0.3, 0.7]))
  for (const steps of [100, 20]) {
    const run = (config: SamplerConfig) =>
      sample(createSampler(config), { process, denoise, noise: quantiles(30), rng: Rng.seeded(2) })
    const ancestral = await run({ type: 'ddpm', steps })
    const implicit = await run({ type: 'ddim', steps, eta: 1 })
    for (let i = 0; i < 30; i++) t.true(Math.abs(ancestral.values[i] - implicit.values[i]) < 1e-4)
  }
})

test('euler on ddpm is ddim without noise', async (t) => {
  const noise = quantiles(30)
  const denoise = ideal(chain, points([-0.9, 0.8], [0.3, 0.7]))
  const run = (type: 'ddim' | 'euler') =>
    sample(createSampler({ type, steps: 20, spacing: 'trailing' }), { process: chain, denoise, noise })
  const [implicit, euler] = [await run('ddim'), await run('euler')]
  for (let i = 0; i < 30; i++) t.true(Math.abs(implicit.values[i] - euler.values[i]) < 1e-5)
})

test('with one stream for each row, a row does not depend on the others', async (t) => {
  const process = ddpm({ steps: 20 })
  const denoise = ideal(process, points([-0.9, 0.1, 0.8], [0.3, 0.3, 0.4]))
  for (const config of [{ type: 'ddpm' }, { type: 'ddim', steps: 7, eta: 0.5 }] as SamplerConfig[]) {
    const plan = (episodes: readonly number[]) => {
      const streams = episodes.map((episode) => Rng.seeded(3).fork('episode', episode))
      const noise = initialNoise(streams, 6)
      return sample(createSampler(config), { process, denoise, noise, streams })
    }
    const all = await plan([0, 1, 2, 3, 4])
    const some = await plan([3, 1])
    t.deepEqual(row(some, 0), row(all, 3))
    t.deepEqual(row(some, 1), row(all, 1))
    t.notDeepEqual(row(all, 0), row(all, 1))
  }
})

test('a sampler leaves the initial noise alone and yields arrays of its own', async (t) => {
  for (const [, process, config] of deterministic) {
    const noise = quantiles(5)
    const denoise = ideal(process, gaussian(mean, deviation))
    const kept: { step: SamplerStep; x: Float32Array }[] = []
    for await (const step of createSampler(config(6))({ process, denoise, noise })) {
      kept.push({ step, x: step.x.values.slice() })
      step.denoised.values.fill(0)
    }
    for (const { step, x } of kept) t.deepEqual(step.x.values, x)
    t.deepEqual(noise.values, quantiles(5).values)
    t.is(kept.at(-1)?.step.time, process.end)
  }
})

test('clipped predictions keep every sampler within the range', async (t) => {
  const process = ddpm({ steps: 100, prediction: 'sample', clipRange: 0.5 })
  const wild: Denoise = async (x) => ({ ...x, values: x.values.map((value) => 30 * value) })
  for (const type of ['ddim', 'euler', 'heun', 'dpm-solver'] as const) {
    for await (const step of createSampler({ type, steps: 6 })({
      process,
      denoise: wild,
      noise: quantiles(9),
    })) {
      t.true(step.denoised.values.every((value) => Math.abs(value) <= 0.5))
      if (step.step === 6) t.true(step.x.values.every((value) => Math.abs(value) <= 0.5))
    }
  }
})

test('one step is enough for every sampler', async (t) => {
  for (const [name, process, config] of deterministic) {
    const { values } = await sample(createSampler(config(1)), {
      process,
      denoise: ideal(process, gaussian(mean, deviation)),
      noise: quantiles(3),
    })
    t.true(values.every(Number.isFinite), name)
    // The best guess from pure noise is the data's mean.
    if (name.endsWith('on flow')) t.true(Math.abs(values[1] - mean) < 1e-6)
  }
})

test('pndm extrapolates what the network predicts, and makes noise of it by the present sample', async (t) => {
  for (const prediction of ['velocity', 'epsilon'] as const) {
    const process = ddpm({ steps: 1000, schedule: 'scaled_linear', prediction, clip: false })
    const said = (x: number, time: number) => Math.sin(3 * x) + time / 1000
    const denoise: Denoise = async (x, time) => ({ ...x, values: x.values.map((value) => said(value, time)) })
    const { values } = await sample(
      createSampler({ type: 'pndm', steps: 10, offset: 1, final: 'first-step' }),
      {
        process,
        denoise,
        noise: quantiles(9),
      },
    )
    // diffusers' PNDMScheduler with skip_prk_steps, set_alpha_to_one false and steps_offset 1, as published.
    const power = (time: number) => process.alphasCumprod[Math.max(time, 0)]
    const moved = (x: number, from: number, to: number, output: number) => {
      const [now, then] = [power(from), power(to)]
      const e = prediction === 'epsilon' ? output : Math.sqrt(now) * output + Math.sqrt(1 - now) * x
      const below = now * Math.sqrt(1 - then) + Math.sqrt(now * (1 - now) * then)
      return Math.sqrt(then / now) * x - ((then - now) * e) / below
    }
    for (const [i, start] of quantiles(9).values.entries()) {
      const first = said(start, 901)
      const guess = moved(start, 901, 801, first)
      let x = moved(start, 901, 801, (first + said(guess, 801)) / 2)
      const outputs = [first]
      for (let time = 801; time > 0; time -= 100) {
        outputs.unshift(said(x, time))
        const [a, b, c, d] = outputs
        const sum =
          outputs.length === 2
            ? (3 * a - b) / 2
            : outputs.length === 3
              ? (23 * a - 16 * b + 5 * c) / 12
              : (55 * a - 59 * b + 37 * c - 9 * d) / 24
        x = moved(x, time, time - 100, sum)
      }
      t.true(
        Math.abs(values[i] - x) < 2e-5 * Math.max(1, Math.abs(x)),
        `${prediction} ${values[i]}, not ${x}`,
      )
    }
  }
})
