import {
  createSampler,
  initialNoise,
  inpaint,
  type Process,
  type SamplerConfig,
  sample,
} from '../diffusion/index.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostParameters, Network } from '../models/network.ts'
import { compilePredictor, type Predictor } from '../models/predictor.ts'
import type { Rng } from '../random/rng.ts'
import type { Rows } from '../rows.ts'
import type { Codec } from './codec.ts'
import type { Planner } from './planner.ts'

/** Numbers of actions that plans are to have, such as where they start and end. */
export interface HeldActions {
  /** Not 0 where a number is held, [plan × action width] for all plans alike, or for each, [B × plan × action width]. */
  readonly mask: Uint8Array
  /** In the environment's units, [B, plan × action width]; what is not held is not looked at. */
  readonly actions: Rows
}

/** What a planner is made of. */
export interface DiffusionPlannerOptions {
  readonly network: Network
  /** Weights, usually the averaged ones. */
  readonly parameters: HostParameters
  readonly process: Process
  readonly sampler: SamplerConfig
  readonly codec: Codec
  readonly engine: Engine
  /**
   * What plans from these histories, [B, observe × observation width], must do. It is inpainted: along the way held
   * numbers follow the path from their noise, in the end they are exact. Actions must be written one by one, not as
   * running sums.
   */
  readonly hold?: (histories: Rows) => HeldActions
}

/**
 * A planner that samples action chunks by diffusion. The network is compiled with its weights as constants,
 * once for each number of episodes planned together.
 */
export function diffusionPlanner(options: DiffusionPlannerOptions): Planner {
  const { network, process, codec, engine, parameters, hold } = options
  const sampler = createSampler(options.sampler)
  const compiled = new Map<number, Promise<Predictor>>()
  const denoiser = (batch: number) => {
    const made = compiled.get(batch) ?? compilePredictor(engine, network, parameters, batch)
    compiled.set(batch, made)
    return made
  }
  const prepared = async (histories: Rows, streams: readonly Rng[]) => {
    const denoise = (await denoiser(histories.rows)).given(codec.conditions(histories))
    const noise = initialNoise(streams, codec.chunkWidth)
    const held = hold?.(histories)
    const project =
      held && inpaint({ mask: held.mask, values: codec.chunks(histories, held.actions), process, noise })
    return { process, denoise, noise, streams, project }
  }
  const plan: Planner = async (histories, streams) => {
    return codec.actions(histories, await sample(sampler, await prepared(histories, streams)))
  }
  plan.prepare = async (episodes) => {
    await denoiser(episodes)
  }
  plan.steps = async function* (histories, streams) {
    const sampling = await prepared(histories, streams)
    const written = (chunks: Rows) => codec.actions(histories, chunks)
    yield { step: 0, time: process.start, actions: written(sampling.noise) }
    for await (const { step, time, x, denoised } of sampler(sampling)) {
      yield { step, time, actions: written(x), predicted: written(denoised) }
    }
  }
  return plan
}
