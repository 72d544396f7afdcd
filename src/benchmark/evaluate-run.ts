import { quantile } from 'simple-statistics'
import type { PlannerConfig } from '../config/planner.ts'
import { collectDemonstrations } from '../data/collect.ts'
import { episodeCount } from '../data/dataset.ts'
import { type Normalizer, normalize } from '../data/normalizer.ts'
import type { Engine } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import { width } from '../env/space.ts'
import { energyDistance } from '../evaluate/energy-distance.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import { rollout } from '../evaluate/rollout.ts'
import type { HostParameters } from '../models/network.ts'
import { encodeWindows } from '../policy/codec.ts'
import type { Planner } from '../policy/planner.ts'
import { createPlanner, createPolicy } from '../policy/policy.ts'
import { representation } from '../policy/representation.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import type { EvaluationRecord } from './record.ts'

/** Episodes planned for in one call. */
const GROUP = 50
/** The expert's plans that first plans are compared with come from this seed and the run's. */
const REFERENCE_SEED = 7_000_000
/** Single plans timed, and how many before count as warming up. */
const TIMED_PLANS = 30
const WARM_UP = 5

/** A trained run as it is evaluated. */
export interface Trained {
  readonly config: PlannerConfig
  readonly environment: Environment
  readonly normalizer: Normalizer
  /** Averaged weights. */
  readonly parameters: HostParameters
  readonly engine: Engine
}

/**
 * An engine for one set of weights: what is compiled for a number of episodes serves every number of evaluations.
 */
export function sharingCompiled(engine: Engine): Engine {
  const made = new Map<string, ReturnType<Engine['compile']>>()
  return {
    ...engine,
    compile(name, run, signature) {
      const key = JSON.stringify([name, signature])
      const compiled = made.get(key) ?? engine.compile(name, run, signature)
      made.set(key, compiled)
      return compiled
    },
  }
}

/** The figures of one evaluation, and its episodes. */
export interface RunEvaluation {
  readonly figures: Omit<EvaluationRecord, 'type' | 'task' | 'arm' | 'seed' | 'step'>
  readonly episodes: readonly EpisodeRecord[]
}

/**
 * Rolls out a trained run on its test episodes with another number of network evaluations a plan.
 *
 * @param reference the expert's first plans, see {@link referencePlans}; absent where starts differ
 */
export async function evaluateRun(
  trained: Trained,
  evaluations: number,
  reference?: Rows,
): Promise<RunEvaluation> {
  const { environment, config } = trained
  const planner = plannerWith(trained, evaluations)
  const { episodes: count, seed } = config.evaluation
  const { observe, plan, act } = config.policy
  const options = { horizon: { observe, plan, act }, record: reference !== undefined }
  const episodes: EpisodeRecord[] = []
  for (let first = 0; first < count; first += GROUP) {
    const seeds = Array.from({ length: Math.min(GROUP, count - first) }, (_, i) => seed + first + i)
    episodes.push(...(await rollout(environment, planner, seeds, options)))
  }
  const mean = (of: (episode: EpisodeRecord) => number) =>
    episodes.reduce((sum, episode) => sum + of(episode), 0) / count
  const modes = environment.dynamics.modes?.names.map(
    (_, mode) => episodes.filter((episode) => episode.success && episode.mode === mode).length,
  )
  return {
    episodes,
    figures: {
      evaluations,
      episodes: count,
      success: mean(({ success }) => Number(success)),
      rewardMax: mean(({ reward }) => reward.max),
      rewardMean: mean(({ reward }) => reward.mean),
      rewardFinal: mean(({ reward }) => reward.final),
      length: mean(({ length }) => length),
      modes: modes ?? null,
      energyDistance: reference ? energyDistance(firstPlans(trained, episodes), reference) : null,
    },
  }
}

/** Normalised first plans of as many new demonstrations as there are test episodes, [episodes, T × D]. */
export function referencePlans({ config, environment, normalizer }: Omit<Trained, 'parameters'>): Rows {
  const dataset = collectDemonstrations(environment, {
    count: config.evaluation.episodes,
    seed: REFERENCE_SEED + config.seed,
  })
  const { codec } = createPolicy(config, environment)
  const all = new Uint8Array(episodeCount(dataset)).fill(1)
  const options = { ...codec, windows: 'first' } as const
  return encodeWindows(dataset, options, all, config.policy.act - 1, normalizer).samples.data
}

/** The first plan of each episode, written and normalised as in training. */
function firstPlans({ config, environment, normalizer }: Trained, episodes: readonly EpisodeRecord[]): Rows {
  const { codec } = createPolicy(config, environment)
  const written = representation(codec)
  const out = zeroRows(episodes.length, written.chunkWidth)
  episodes.forEach(({ seed, recording }, i) => {
    const { dynamics } = environment
    const observation = dynamics.observe(dynamics.initial(seed))
    const history = new Float32Array(codec.observe * codec.observationWidth)
    for (let k = 0; k < codec.observe; k++) history.set(observation, k * observation.length)
    written.encode(history, recording!.plans[0].actions.values, row(out, i))
  })
  normalize(normalizer.chunk, out.values, out.values)
  return out
}

/** Milliseconds of planning for a single episode. */
export async function timePlan(
  trained: Trained,
  evaluations: number,
): Promise<{ readonly p50: number; readonly p95: number }> {
  const { environment, config } = trained
  const planner = plannerWith(trained, evaluations)
  const { dynamics } = environment
  const columns = width(dynamics.observation)
  const history = new Float32Array(config.policy.observe * columns)
  const observation = dynamics.observe(dynamics.initial(config.evaluation.seed))
  for (let k = 0; k < config.policy.observe; k++) history.set(observation, k * columns)
  const times: number[] = []
  for (let i = 0; i < WARM_UP + TIMED_PLANS; i++) {
    const began = performance.now()
    await planner(rows(history, 1, history.length), [Rng.seeded(i)])
    if (i >= WARM_UP) times.push(performance.now() - began)
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }
}

function plannerWith({ config, environment, engine, ...weights }: Trained, evaluations: number): Planner {
  const sampler = { ...config.sampler, steps: evaluations } as PlannerConfig['sampler']
  return createPlanner({ ...config, sampler }, environment, weights, engine)
}
