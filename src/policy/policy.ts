import type { PlannerConfig } from '../config/planner.ts'
import type { Normalizer } from '../data/normalizer.ts'
import { checkSampler, createProcess, type Process } from '../diffusion/index.ts'
import type { Engine } from '../engine/engine.ts'
import type { Environment } from '../env/environment.ts'
import { width } from '../env/space.ts'
import { InputError } from '../errors.ts'
import { createNetwork } from '../models/index.ts'
import type { HostParameters, Network } from '../models/network.ts'
import { type CodecOptions, codec } from './codec.ts'
import { type DiffusionPlannerOptions, diffusionPlanner } from './diffusion-planner.ts'
import type { Planner } from './planner.ts'
import { representation } from './representation.ts'

/** The untrained parts of a planner, as its config and environment determine them. */
export interface Policy {
  readonly network: Network
  readonly process: Process
  readonly codec: CodecOptions
}

/** @throws InputError where settings do not fit the environment or each other, naming the setting */
export function createPolicy(config: PlannerConfig, environment: Pick<Environment, 'dynamics'>): Policy {
  const { dynamics } = environment
  const codecOptions: CodecOptions = {
    ...config.policy,
    observationWidth: width(dynamics.observation),
    actionWidth: width(dynamics.action),
  }
  representation(codecOptions)
  const { observe, plan } = config.policy
  const { type, ...settings } = config.network
  const network = createNetwork({
    type,
    ...settings,
    horizon: plan,
    channels: codecOptions.actionWidth,
    condition: observe * codecOptions.observationWidth,
    ...(type === 'temporal-transformer' && { observationSteps: observe }),
  } as Parameters<typeof createNetwork>[0])
  const process = createProcess(config.process)
  checkSampler(config.sampler, process)
  return { network, process, codec: codecOptions }
}

/**
 * A planner from trained weights.
 *
 * @param options.hold what plans must do, such as where they end; see `DiffusionPlannerOptions.hold`
 * @throws InputError as {@link createPolicy}, and for held actions that are written as running sums
 */
export function createPlanner(
  config: PlannerConfig,
  environment: Pick<Environment, 'dynamics'>,
  weights: { readonly parameters: HostParameters; readonly normalizer: Normalizer },
  engine: Engine,
  { hold }: Pick<DiffusionPlannerOptions, 'hold'> = {},
): Planner {
  if (hold && config.policy.actions === 'cumulative') {
    throw new InputError(
      'Plans whose policy.actions is "cumulative" cannot be held at single actions; train with "absolute" or "relative" ones.',
    )
  }
  const policy = createPolicy(config, environment)
  return diffusionPlanner({
    network: policy.network,
    parameters: weights.parameters,
    process: policy.process,
    sampler: config.sampler,
    codec: codec(policy.codec, weights.normalizer),
    engine,
    hold,
  })
}
