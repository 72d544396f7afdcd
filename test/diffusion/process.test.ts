import test from 'ava'
import fc from 'fast-check'
import {
  batchCoefficients,
  consistency,
  ddpm,
  drawTimes,
  flow,
  type Prediction,
  type Process,
  type ScheduleName,
} from '../../src/diffusion/index.ts'
import { Rng } from '../../src/random/rng.ts'

const schedule = fc.constantFrom<ScheduleName>('linear', 'scaled_linear', 'cosine', 'squaredcos_cap_v2')
const prediction = fc.constantFrom<Prediction>('epsilon', 'sample', 'velocity')
const chains = fc
  .record({ steps: fc.integer({ min: 2, max: 1000 }), schedule, prediction })
  .map((options) => ddpm(options))
const flows = fc.constantFrom(
  consistency(),
  flow(),
  flow({ sigmaMin: 0.05 }),
  flow({ path: 'trigonometric' }),
)
/** A process with a time strictly between its ends, where all conversions are determined. */
const placed = fc.oneof(chains, flows).chain((process) =>
  fc.double({ min: 0.01, max: 0.99, noNaN: true }).map((share) => ({
    process,
    t: (process.start + 1e-9) * (1 - share) + Math.max(process.end, 0) * share,
  })),
)
const amount = fc.double({ min: -3, max: 3, noNaN: true })

/** The largest coefficient, which magnifies rounding. */
const magnitude = (...coefficients: number[]) => 1 + Math.max(...coefficients.map(Math.abs))

test('a perfect prediction gives back the data and the noise', (t) => {
  fc.assert(
    fc.property(placed, amount, amount, ({ process, t: time }, data, noise) => {
      const x = process.alpha(time) * data + process.sigma(time) * noise
      const target = process.target(time)
      const said = target.data * data + target.noise * noise
      const toData = process.toData(time)
      const toNoise = process.toNoise(time)
      const scale = magnitude(toData.prediction, toData.sample, toNoise.prediction, toNoise.sample)
      const apart = Math.max(
        Math.abs(toData.prediction * said + toData.sample * x - data),
        Math.abs(toNoise.prediction * said + toNoise.sample * x - noise),
      )
      return apart < 1e-12 * scale * 100
    }),
  )
  t.pass()
})

test('ddpm and the trigonometric flow keep the variance', (t) => {
  fc.assert(
    fc.property(placed, ({ process, t: time }) => {
      if (process.name.includes('linear') && process.type === 'flow') return true
      return Math.abs(process.alpha(time) ** 2 + process.sigma(time) ** 2 - 1) < 1e-12
    }),
  )
  t.pass()
})

test('the ODE form is the derivative of the path and its clock can be read back', (t) => {
  fc.assert(
    fc.property(placed, amount, amount, ({ process, t: time }, data, noise) => {
      const { ode } = process
      const at = (u: number) => (process.alpha(u) * data + process.sigma(u) * noise) / ode.scale(u)
      const step = 1e-4
      const slope = (at(time + step) - at(time - step)) / (ode.clock(time + step) - ode.clock(time - step))
      const velocity = ode.velocity(time)
      const expected = velocity.data * data + velocity.noise * noise
      return (
        Math.abs(slope - expected) < 1e-4 * magnitude(slope) &&
        Math.abs(ode.timeAt(ode.clock(time)) - time) < 1e-6 * (1 + Math.abs(process.start))
      )
    }),
  )
  t.pass()
})

test('min-SNR weighs the three predictions alike in units of the data', (t) => {
  const process = (kind: Prediction) => ddpm({ steps: 50, prediction: kind, minSnr: 5 })
  for (let time = 0; time < 50; time++) {
    // The squared error of the implied data, for a prediction that is off by one.
    const [epsilon, data, velocity] = (['epsilon', 'sample', 'velocity'] as const).map((kind) => {
      const made = process(kind)
      return made.weight(time) / made.toData(time).prediction ** 2
    })
    const chain = process('epsilon')
    const snr = (chain.alpha(time) / chain.sigma(time)) ** 2
    t.true(Math.abs(data - Math.min(snr, 5)) < 1e-9 * data)
    t.true(Math.abs(epsilon - data) < 1e-9 * data)
    t.true(Math.abs(velocity - data) < 1e-9 * data)
    t.is(ddpm({ steps: 50 }).weight(time), 1)
  }
})

test('signal falls step by step and the ends are data and noise', (t) => {
  for (const name of ['linear', 'scaled_linear', 'cosine', 'squaredcos_cap_v2'] as const) {
    const process = ddpm({ steps: 1000, schedule: name })
    t.deepEqual([process.alpha(-1), process.sigma(-1)], [1, 0])
    for (let time = 1; time < 1000; time++) t.true(process.alpha(time) < process.alpha(time - 1))
    t.true(process.alpha(process.start) < 0.1)
    t.true(process.alpha(0) > 0.99)
    t.deepEqual([process.start, process.end], [999, -1])
  }
  for (const path of ['linear', 'trigonometric'] as const) {
    const process = flow({ path })
    t.deepEqual([process.alpha(0), process.sigma(0), process.alpha(1), process.sigma(1)], [0, 1, 1, 0])
  }
})

test('training times cover the process', (t) => {
  const times = (process: Process, count = 4000) => drawTimes(process, Rng.seeded(1), count)
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const whole = times(ddpm({ steps: 10 }))
  t.deepEqual(
    [...new Set(whole)].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  t.true(Math.abs(average(times(flow())) - 0.5) < 0.02)
  t.true(times(flow()).every((time) => time >= 0 && time < 1))

  const middle = times(flow({ times: { type: 'logit-normal', mean: 1, deviation: 0.5 } })).sort()
  t.true(Math.abs(middle[2000] - 1 / (1 + Math.exp(-1))) < 0.01)
  t.true(Math.abs(middle[3365] - 1 / (1 + Math.exp(-1.5))) < 0.01)

  const noisy = times(flow({ times: 'beta' }))
  t.true(Math.abs(average(noisy) - 0.999 * 0.4) < 0.02)
  t.true(noisy.every((time) => time >= 0 && time <= 0.999))
  const sharp = times(flow({ times: { type: 'beta', a: 0.5, b: 0.5, limit: 1 } }))
  const variance = sharp.reduce((sum, time) => sum + (time - 0.5) ** 2, 0) / sharp.length
  t.true(Math.abs(average(sharp) - 0.5) < 0.03)
  t.true(Math.abs(variance - 0.125) < 0.01)
})

test('coefficients of a batch are those of each time', (t) => {
  const process = ddpm({ steps: 100, prediction: 'velocity', minSnr: 5 })
  const made = batchCoefficients(process, [0, 40, 99])
  for (const [i, time] of [0, 40, 99].entries()) {
    t.is(made.alpha[i], Math.fround(process.alpha(time)))
    t.is(made.sigma[i], Math.fround(process.sigma(time)))
    t.is(made.targetData[i], Math.fround(-process.sigma(time)))
    t.is(made.targetNoise[i], Math.fround(process.alpha(time)))
    t.is(made.weight[i], Math.fround(process.weight(time)))
    t.is(made.networkTime[i], time)
  }
  t.is(batchCoefficients(flow(), [0.25]).networkTime[0], 250)
})

test('settings out of range are refused by name', (t) => {
  t.throws(() => ddpm({ steps: 0 }), { message: /"steps" is 0/ })
  t.throws(() => ddpm({ steps: 2.5 }), { message: /whole number/ })
  t.throws(() => ddpm({ schedule: 'cosin' as 'cosine' }), { message: /did you mean "cosine"/ })
  t.throws(() => ddpm({ prediction: 'eps' as 'epsilon' }), { message: /Unknown prediction "eps"/ })
  t.throws(() => ddpm({ clipRange: -1 }), { message: /"clipRange" is -1/ })
  t.throws(() => ddpm({ minSnr: 0 }), { message: /"minSnr" is 0/ })
  t.throws(() => ddpm({ schedule: { type: 'linear', start: 0.1, end: 1.5 } }), { message: /from 0.1 to 1.5/ })
  t.throws(() => ddpm({ steps: 1000, schedule: { type: 'linear', start: 0.5, end: 0.9 } }), {
    message: /use fewer steps or smaller betas/,
  })
  t.throws(() => flow({ sigmaMin: 1 }), { message: /"sigmaMin" is 1/ })
  t.throws(() => flow({ sigmaMin: 0.1, path: 'trigonometric' }), { message: /"sigmaMin"/ })
  t.throws(() => flow({ timeScale: 0 }), { message: /"timeScale" is 0/ })
  t.throws(() => flow({ times: 'normal' as 'uniform' }), {
    message: /distribution of training times "normal"/,
  })
  t.throws(() => flow({ path: 'straight' as 'linear' }), { message: /flow path "straight"/ })
})
