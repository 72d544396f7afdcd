import test from 'ava'
import { checkSampler, createProcess, isDiscrete } from '../../src/diffusion/index.ts'
import { InputError } from '../../src/errors.ts'
import {
  LATENT_SAMPLERS,
  processFromScheduler,
  samplerFromScheduler,
  samplerOfScheduler,
  schedulerConfig,
  schedulerSchema,
} from '../../src/pipeline/scheduler.ts'

/** `scheduler_config.json` of Stable Diffusion 1.4. */
const SD = schedulerSchema.parse({
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.7.0.dev0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
})

test('Stable Diffusion’s scheduler is its process and its sampler', (t) => {
  const process = createProcess(processFromScheduler(SD, 'here'))
  t.true(isDiscrete(process))
  t.is(process.clip, undefined)
  // √ᾱ of the last step, as published: 0.0047 of the signal's power is left.
  t.true(Math.abs(process.alpha(999) ** 2 - 0.00466) < 1e-5)
  t.is(samplerOfScheduler(SD, 'here'), 'pndm')
  t.deepEqual(samplerFromScheduler('pndm', 20, SD), {
    type: 'pndm',
    steps: 20,
    spacing: 'leading',
    offset: 1,
    final: 'first-step',
  })
  for (const sampler of LATENT_SAMPLERS) {
    t.notThrows(() => checkSampler(samplerFromScheduler(sampler, 20, SD), process), sampler)
  }
})

test('a process goes out and comes in as it was', (t) => {
  for (const prediction of ['epsilon', 'velocity', 'sample'] as const) {
    for (const schedule of ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const) {
      const process = { type: 'ddpm', steps: 250, schedule, prediction, clip: false } as const
      const back = processFromScheduler(schedulerConfig(process), 'here')
      t.deepEqual(createProcess(back).name, createProcess(process).name)
      t.deepEqual(createProcess(back).alpha(100), createProcess(process).alpha(100))
    }
  }
  t.throws(() => schedulerConfig({ type: 'ddpm', schedule: 'cosine' }), { message: /"cosine" has no name/ })
})

test('what is not supported is named', (t) => {
  const refused = (change: object, message: RegExp) =>
    t.throws(() => processFromScheduler(schedulerSchema.parse({ ...SD, ...change }), 'here.json'), {
      instanceOf: InputError,
      message,
    })
  refused({ beta_schedule: 'sigmoid' }, /Unknown "beta_schedule" in here.json "sigmoid"/)
  refused({ prediction_type: 'flow' }, /"prediction_type" in here.json/)
  refused({ trained_betas: [0.1] }, /"trained_betas"/)
  refused({ rescale_betas_zero_snr: true }, /"rescale_betas_zero_snr" is not supported/)
  t.throws(() => samplerOfScheduler(schedulerSchema.parse({ _class_name: 'LCMScheduler' }), 'here'), {
    message: /Unknown scheduler in here "LCMScheduler"/,
  })
})
