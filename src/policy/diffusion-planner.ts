import { createSampler, initialNoise, type Process, type SamplerConfig, sample } from '../diffusion/index.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostParameters, Network } from '../models/network.ts'
import { compilePredictor, type Predictor } from '../models/predictor.ts'
import type { Rows } from '../rows.ts'
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
  const compiled = new Map<number, Promise<Predictor>>()
  const denoiser = (batch: number) => {
    const made = compiled.get(batch) ?? compilePredictor(engine, network, parameters, batch)
    compiled.set(batch, made)
    return made
  }
  const plan: Planner = async (histories, streams) => {
    const denoise = (await denoiser(histories.rows)).given(codec.conditions(histories))
    const noise = initialNoise(streams, codec.chunkWidth)
    const chunks = await sample(sampler, { process, denoise, noise, streams })
    return codec.actions(histories, chunks)
  }
  plan.prepare = async (episodes) => {
    await denoiser(episodes)
  }
  plan.steps = async function* (histories, streams) {
    const denoise = (await denoiser(histories.rows)).given(codec.conditions(histories))
    const noise = initialNoise(streams, codec.chunkWidth)
    const written = (chunks: Rows) => codec.actions(histories, chunks)
    yield { step: 0, time: process.start, actions: written(noise) }
    for await (const { step, time, x, denoised } of sampler({ process, denoise, noise, streams })) {
      yield { step, time, actions: written(x), predicted: written(denoised) }
    }
  }
  return plan
}
