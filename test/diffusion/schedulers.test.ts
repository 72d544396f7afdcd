import test from 'ava'
import {
  createProcess,
  createSampler,
  createSchedule,
  type Denoise,
  type Process,
  type SamplerConfig,
  type SamplerStep,
  type ScheduleConfig,
} from '../../src/diffusion/index.ts'
import { rows } from '../../src/rows.ts'
import { cases, description, deviation, tensors } from './fixture.ts'

interface Case {
  scheduler: string
  num_inference_steps: number
  step_arguments: { eta?: number }
  init_noise_sigma?: number
  tensors: Record<string, { dtype: string }>
  config: {
    num_train_timesteps: number
    beta_schedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2'
    beta_start: number
    beta_end: number
    prediction_type: 'epsilon' | 'sample' | 'v_prediction'
    clip_sample?: boolean
    clip_sample_range: number
    timestep_spacing: 'linspace' | 'leading' | 'trailing'
    steps_offset: number
    set_alpha_to_one?: boolean
    variance_type?: string
    use_karras_sigmas?: boolean
    lambda_min_clipped?: number | '-inf'
    shift: number
  }
  tolerance: {
    betas: { rel: number; abs: number }
    alphas_cumprod: { rel: number }
    sigmas: { rel: number }
    add_noise: { relmax: number }
    prev_sample: { value: number }
  }
}

const isFlow = ({ scheduler }: Case) => scheduler.startsWith('FlowMatch')
/** Whether the peer's samples are x_t / alpha, as k-diffusion has them. */
const isScaled = ({ scheduler }: Case) => /^(Euler|Heun)/.test(scheduler)

function schedule({ config }: Case): ScheduleConfig {
  if (config.beta_schedule === 'squaredcos_cap_v2') return config.beta_schedule
  return { type: config.beta_schedule, start: config.beta_start, end: config.beta_end }
}

function processOf(fixture: Case): Process {
  if (isFlow(fixture)) return createProcess({ type: 'flow' })
  const { config } = fixture
  return createProcess({
    type: 'ddpm',
    steps: config.num_train_timesteps,
    schedule: schedule(fixture),
    prediction: config.prediction_type === 'v_prediction' ? 'velocity' : config.prediction_type,
    clip: config.clip_sample ?? false,
    clipRange: config.clip_sample_range,
  })
}

function samplerOf({ scheduler, config, num_inference_steps: steps, step_arguments }: Case): SamplerConfig {
  const { timestep_spacing: spacing, steps_offset: offset } = config
  switch (scheduler) {
    case 'DDPMScheduler':
      return {
        type: 'ddpm',
        steps,
        spacing,
        offset,
        variance: config.variance_type === 'fixed_large' ? 'large' : 'small',
      }
    case 'DDIMScheduler':
      return {
        type: 'ddim',
        steps,
        spacing,
        offset,
        eta: step_arguments.eta,
        final: config.set_alpha_to_one ? 'clean' : 'first-step',
      }
    case 'DPMSolverMultistepScheduler':
      return {
        type: 'dpm-solver',
        steps,
        spacing: config.use_karras_sigmas ? 'karras' : spacing,
        ...(typeof config.lambda_min_clipped === 'number' ? { minLambda: config.lambda_min_clipped } : {}),
      }
    case 'EulerDiscreteScheduler':
      return { type: 'euler', steps, spacing, offset }
    case 'HeunDiscreteScheduler':
      return { type: 'heun', steps, spacing, offset }
    default:
      return { type: 'euler', steps, spacing: 'linspace', shift: config.shift }
  }
}

/** The peer's time of a sample that is asked of the network at `time`; flows count down there. */
const peerTime = (fixture: Case, time: number) => (isFlow(fixture) ? 1000 - time : time)

for (const name of cases('schedulers')) {
  const fixture = description('schedulers', name) as Case
  const tensor = tensors('schedulers', name)
  const process = processOf(fixture)
  const size = 32
  const step = (key: string, i: number) => tensor[key].subarray(i * size, (i + 1) * size)

  test(`${name}: every step follows the peer`, async (t) => {
    const asked: { time: number; x: Float32Array; prediction: Float32Array }[] = []
    const sign = isFlow(fixture) ? -1 : 1
    const denoise: Denoise = async (x, time) => {
      const wave = Math.fround(0.1 * Math.sin(peerTime(fixture, time) / 10))
      const prediction = x.values.map((value) => Math.fround(Math.fround(0.3) * value) + wave)
      asked.push({ time: peerTime(fixture, time), x: x.values.slice(), prediction })
      return { ...x, values: prediction.map((value) => sign * value) }
    }
    const start = isScaled(fixture) ? 1 / Math.sqrt(1 + tensor.sigmas[0] ** 2) : 1
    const noise = rows(
      Float32Array.from(tensor['in.x_init'], (value) => value * start),
      1,
      size,
    )
    const sampler = createSampler(samplerOf(fixture))
    const steps: SamplerStep[] = []
    const draw = (out: { values: Float32Array }, k: number) => out.values.set(step('in.noise', k - 1))
    for await (const event of sampler({
      process,
      denoise,
      noise,
      ...('in.noise' in tensor ? { draw } : {}),
    })) {
      steps.push(event)
    }

    const times = tensor.timesteps
    t.is(asked.length, times.length)
    for (const [k, call] of asked.entries()) {
      if (fixture.tensors.timesteps.dtype === 'I64') t.is(call.time, times[k])
      else t.true(Math.abs(call.time - times[k]) <= 1e-4, `time ${call.time} at call ${k}`)
      const within = fixture.tolerance.prev_sample.value
      t.true(deviation(call.prediction, step('out.model_output', k)) <= within, `prediction ${k}`)
      if ('out.model_input' in tensor) t.true(deviation(call.x, step('out.model_input', k)) <= within)
    }

    t.is(steps.length, fixture.num_inference_steps)
    let call = -1
    for (const [k, event] of steps.entries()) {
      call = event.evaluations - 1
      const scale = isScaled(fixture) ? process.alpha(event.time) : 1
      const x = Float64Array.from(event.x.values, (value) => value / scale)
      const apart = deviation(x, step('out.prev_sample', call))
      t.true(apart <= fixture.tolerance.prev_sample.value, `step ${k}: ${apart}`)
      if ('sigmas' in tensor) {
        const sigma = process.sigma(event.time) / (isFlow(fixture) ? 1 : process.alpha(event.time))
        const peer = tensor.sigmas[call + 1]
        t.true(Math.abs(sigma - peer) <= fixture.tolerance.sigmas.rel * peer, `sigma ${k}`)
      }
      t.is(event.step, k + 1)
      t.is(event.steps, steps.length)
      if ('out.pred_original_sample' in tensor) {
        const before = k === 0 ? 0 : steps[k - 1].evaluations
        const data = deviation(event.denoised.values, step('out.pred_original_sample', before))
        t.true(data <= fixture.tolerance.prev_sample.value, `data ${k}: ${data}`)
      }
    }
    t.is(call, times.length - 1)
  })

  test(`${name}: tables and noising follow the peer`, (t) => {
    const { tolerance, config } = fixture
    if ('betas' in tensor) {
      const made = createSchedule(schedule(fixture))
      const betas = made.betas(config.num_train_timesteps)
      const products = made.alphasCumprod(config.num_train_timesteps)
      t.is(betas.length, tensor.betas.length)
      for (let i = 0; i < betas.length; i++) {
        const { rel, abs } = tolerance.betas
        t.true(Math.abs(betas[i] - tensor.betas[i]) <= rel * tensor.betas[i] + abs, `beta ${i}`)
        const product = tensor.alphas_cumprod[i]
        t.true(Math.abs(products[i] - product) <= tolerance.alphas_cumprod.rel * product, `product ${i}`)
      }
    }
    const clean = tensor['add_noise.x0']
    const noise = tensor['add_noise.noise']
    const noised = Float64Array.from(clean, (value, i) => {
      const peer = tensor['add_noise.timesteps'][Math.floor(i / size)]
      // With Karras' spacing the peer's noise level at a step is not the training one.
      const sigma = config.use_karras_sigmas ? tensor.sigmas[tensor.timesteps.indexOf(peer)] : undefined
      const time = sigma ? process.ode.timeAt(sigma) : isFlow(fixture) ? 1 - peer / 1000 : peer
      const scale = isScaled(fixture) ? process.alpha(time) : 1
      return (process.alpha(time) * value + process.sigma(time) * noise[i]) / scale
    })
    const apart = deviation(noised, tensor['add_noise.out'], 0)
    t.true(apart <= tolerance.add_noise.relmax, `noising: ${apart}`)
  })
}
