import {
  createSampler,
  type Denoise,
  initialNoise,
  type Process,
  type SamplerConfig,
  sample,
} from '../diffusion/index.ts'
import type { Compiled, Engine } from '../engine/engine.ts'
import { float32, type HostTensor, type TensorSpec } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import type { HostParameters, Network, NetworkInputs } from '../models/network.ts'
import { type Rows, rows } from '../rows.ts'
import type { Codec } from './codec.ts'
import type { Planner } from './planner.ts'

/** What a planner is made of. */
export interface DiffusionPlannerOptions {
  readonly network: Network
  /** Weights, usually the averaged ones. */
  readonly parameters: HostParameters
  readonly process: Process
  readonly sampler: SamplerConfig
  readonly codec: Codec
  readonly engine: Engine
}

/**
 * A planner that samples action chunks by diffusion. The network is compiled with its weights as constants,
 * once for each number of episodes planned together.
 */
export function diffusionPlanner(options: DiffusionPlannerOptions): Planner {
  const { network, process, codec, engine, parameters } = options
  const sampler = createSampler(options.sampler)
  const compiled = new Map<number, Promise<Compiled>>()
  const denoiser = (batch: number) => {
    const made = compiled.get(batch) ?? compileDenoiser(engine, network, parameters, batch)
    compiled.set(batch, made)
    return made
  }
  const plan: Planner = async (histories, streams) => {
    const denoise = conditional(network, await denoiser(histories.rows), codec.conditions(histories))
    const noise = initialNoise(streams, codec.chunkWidth)
    const chunks = await sample(sampler, { process, denoise, noise, streams })
    return codec.actions(histories, chunks)
  }
  plan.prepare = async (episodes) => {
    await denoiser(episodes)
  }
  plan.steps = async function* (histories, streams) {
    const denoise = conditional(network, await denoiser(histories.rows), codec.conditions(histories))
    const noise = initialNoise(streams, codec.chunkWidth)
    const written = (chunks: Rows) => codec.actions(histories, chunks)
    yield { step: 0, time: process.start, actions: written(noise) }
    for await (const { step, time, x, denoised } of sampler({ process, denoise, noise, streams })) {
      yield { step, time, actions: written(x), predicted: written(denoised) }
    }
  }
  return plan
}

/** The network's prediction for a batch of samples under fixed conditions. */
function conditional(network: Network, compiled: Compiled, condition: Rows): Denoise {
  const { horizon, channels } = network
  const time = new Float32Array(condition.rows)
  return async (x, networkTime) => {
    const { prediction } = await compiled.run({
      sample: tensor([x.rows, horizon, channels], x.values),
      time: tensor([x.rows], time.fill(networkTime)),
      ...(network.condition > 0 && {
        condition: tensor([condition.rows, condition.columns], condition.values),
      }),
    })
    return rows((prediction as HostTensor).values as Float32Array, x.rows, x.columns)
  }
}

function compileDenoiser(
  engine: Engine,
  network: Network,
  parameters: HostParameters,
  batch: number,
): Promise<Compiled> {
  const signature: Record<string, TensorSpec> = {
    sample: float32(batch, network.horizon, network.channels),
    time: float32(batch),
    ...(network.condition > 0 && { condition: float32(batch, network.condition) }),
  }
  return engine.compile(
    `denoise ${batch}`,
    (inputs) => {
      const weights = Object.fromEntries(
        Object.entries(parameters).map(([name, { values, shape }]) => [
          name,
          tf.tensor(values as Float32Array, [...shape]),
        ]),
      )
      return { prediction: network.apply(weights, inputs as unknown as NetworkInputs) }
    },
    signature,
  )
}

function tensor(shape: number[], values: Float32Array): HostTensor {
  return { shape, dtype: 'float32', values }
}
