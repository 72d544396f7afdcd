import test from 'ava'
import {
  checkSampler,
  createProcess,
  createSampler,
  type Denoise,
  type ProcessConfig,
  type SamplerConfig,
  type Sampling,
  sample,
  samplersFor,
} from '../../src/diffusion/index.ts'
import { FailureError, InputError } from '../../src/errors.ts'
import { Rng } from '../../src/random/rng.ts'
import { rows, zeroRows } from '../../src/rows.ts'

const chain = createProcess({ type: 'ddpm', steps: 20 })
const straight = createProcess({ type: 'flow' })
const same: Denoise = async (x) => x

function sampling(overrides: Partial<Sampling> = {}): Sampling {
  return { process: chain, denoise: same, noise: rows(Float32Array.of(0.5, -0.5), 1, 2), ...overrides }
}

test('every sampler that is said to fit runs', async (t) => {
  const settings: Record<SamplerConfig['type'], SamplerConfig> = {
    ddpm: { type: 'ddpm' },
    ddim: { type: 'ddim', steps: 4 },
    pndm: { type: 'pndm', steps: 4 },
    'dpm-solver': { type: 'dpm-solver', steps: 4 },
    euler: { type: 'euler', steps: 4 },
    heun: { type: 'heun', steps: 4 },
    midpoint: { type: 'midpoint', steps: 4 },
    dopri5: { type: 'dopri5' },
    consistency: { type: 'consistency', steps: 2 },
  }
  for (const process of [chain, straight, createProcess({ type: 'consistency' })]) {
    for (const type of samplersFor(process)) {
      checkSampler(settings[type], process)
      const result = await sample(createSampler(settings[type]), sampling({ process, rng: Rng.seeded(1) }))
      t.true(result.values.every(Number.isFinite), `${type} on ${process.name}`)
      t.deepEqual([result.rows, result.columns], [1, 2])
    }
  }
  t.deepEqual(samplersFor(straight), ['dpm-solver', 'euler', 'heun', 'midpoint', 'dopri5'])
})

test('a sampler that does not fit names itself, the process and those that fit', (t) => {
  const run = createSampler({ type: 'ddim', steps: 4 })
  const message =
    /"ddim" does not fit the process flow\(path=linear\); use one of: dpm-solver, euler, heun, midpoint, dopri5/
  t.throws(() => checkSampler({ type: 'ddim', steps: 4 }, straight), { instanceOf: InputError, message })
  t.throws(() => run(sampling({ process: straight })), { instanceOf: InputError, message })
})

test('unknown names are refused with the nearest valid one', (t) => {
  t.throws(() => createProcess({ type: 'ddmp' } as unknown as ProcessConfig), {
    instanceOf: InputError,
    message: /Unknown process "ddmp"; did you mean "ddpm"/,
  })
  t.throws(() => createSampler({ type: 'dddim' } as unknown as SamplerConfig), {
    instanceOf: InputError,
    message: /Unknown sampler "dddim"; did you mean "ddim"/,
  })
  t.throws(() => checkSampler({ type: 'ode' } as unknown as SamplerConfig, chain), {
    message: /Unknown sampler/,
  })
})

test('steps and settings that do not fit the process are refused before anything runs', (t) => {
  const refused = (config: SamplerConfig, process: typeof chain, message: RegExp) =>
    t.throws(() => checkSampler(config, process), { instanceOf: InputError, message })
  refused({ type: 'ddim', steps: 0 }, chain, /"steps" is 0/)
  refused({ type: 'ddim', steps: 21 }, chain, /21 steps .* use at most 20/)
  refused({ type: 'euler', steps: 1.5 }, straight, /"steps" is 1.5/)
  refused({ type: 'ddpm', steps: 21 }, chain, /use at most 20/)
  refused({ type: 'dpm-solver', steps: 20 }, chain, /use fewer steps/)
  refused({ type: 'ddim', steps: 20, offset: 1 }, chain, /smaller offset/)
  refused({ type: 'euler', steps: 4, spacing: 'uniform' }, chain, /Unknown time spacing "uniform"/)
  refused({ type: 'euler', steps: 4, spacing: 'karras' }, straight, /Unknown time spacing of a flow "karras"/)
  refused({ type: 'euler', steps: 4, shift: 3 }, chain, /"shift" has no meaning/)
  refused({ type: 'euler', steps: 4, offset: 1 }, straight, /"offset" has no meaning/)
  refused({ type: 'heun', steps: 4, shift: 0 }, straight, /"shift" is 0/)
  t.notThrows(() => checkSampler({ type: 'dpm-solver', steps: 19 }, chain))
  t.notThrows(() => checkSampler({ type: 'ddim', steps: 20 }, chain))
})

test('bad input while sampling is named', async (t) => {
  const run = (config: SamplerConfig, overrides: Partial<Sampling>) =>
    sample(createSampler(config), sampling(overrides))
  const rng = Rng.seeded(1)
  await t.throwsAsync(run({ type: 'ddpm' }, {}), { message: /exactly one source/ })
  await t.throwsAsync(run({ type: 'ddpm' }, { rng, streams: [rng] }), { message: /exactly one source/ })
  await t.throwsAsync(run({ type: 'ddpm' }, { streams: [rng, rng] }), { message: /2 streams .* for 1 rows/ })
  await t.throwsAsync(run({ type: 'ddim', steps: 4, eta: 2 }, { rng }), { message: /"eta" is 2/ })
  await t.throwsAsync(run({ type: 'ddim', steps: 4 }, { noise: zeroRows(0, 2) }), {
    message: /nothing to sample/,
  })
  await t.throwsAsync(run({ type: 'dopri5', rtol: 0 }, {}), { message: /"rtol" is 0/ })
  await t.throwsAsync(run({ type: 'ddim', steps: 4 }, { denoise: async () => zeroRows(1, 3) }), {
    instanceOf: InputError,
    message: /returned 1 rows of 3 for 1 rows of 2/,
  })
  const broken: Denoise = async () => rows(Float32Array.of(0, Number.NaN), 1, 2)
  await t.throwsAsync(run({ type: 'ddim', steps: 4 }, { denoise: broken }), {
    instanceOf: FailureError,
    message: /NaN .* element 1/,
  })
})

test('the network is told the scaled time', async (t) => {
  const times: number[] = []
  const denoise: Denoise = async (x, time) => {
    times.push(time)
    return x
  }
  await sample(createSampler({ type: 'euler', steps: 4 }), sampling({ process: straight, denoise }))
  t.deepEqual(times, [0, 250, 500, 750])
  times.length = 0
  await sample(createSampler({ type: 'ddim', steps: 4, spacing: 'trailing' }), sampling({ denoise }))
  t.deepEqual(times, [19, 14, 9, 4])
  times.length = 0
  await sample(createSampler({ type: 'ddim', steps: 3, spacing: 'linspace' }), sampling({ denoise }))
  // 9.5 goes to the even neighbour.
  t.deepEqual(times, [19, 10, 0])
})
