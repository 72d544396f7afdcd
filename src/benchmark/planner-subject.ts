import { quantile } from 'simple-statistics'
import type { PlannerConfig } from '../config/planner.ts'
import { collectDemonstrations } from '../data/collect.ts'
import { episodeCount } from '../data/dataset.ts'
import { type Normalizer, normalize } from '../data/normalizer.ts'
import { readReplayBuffer } from '../data/replay-buffer.ts'
import type { Engine } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import { width } from '../env/space.ts'
import { energyDistance } from '../evaluate/energy-distance.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import { rollout } from '../evaluate/rollout.ts'
import { shownModes } from '../evaluate/summarize.ts'
import { encodeWindows } from '../policy/codec.ts'
import type { Planner } from '../policy/planner.ts'
import { createPlanner, createPolicy } from '../policy/policy.ts'
import { representation } from '../policy/representation.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import { readCheckpoint } from '../run/checkpoint.ts'
import { readRun } from '../run/run-folder.ts'
import { trainPlannerRun } from '../train/planner-run.ts'
import { plannerTask } from '../train/planner-task.ts'
import type { Job } from './job.ts'
import type { JobRecord } from './record.ts'
import { type Subject, sharingCompiled, type Trained } from './subject.ts'

/** Episodes planned for in one call. */
const GROUP = 50
/** The expert's plans that first plans are compared with come from this seed and the run's. */
const REFERENCE_SEED = 7_000_000
/** Single plans timed, and how many before count as warming up. */
const TIMED_PLANS = 30
const WARM_UP = 5
/** Paths kept of an evaluation, and how many numbers of each are written. */
const PATHS = 40
const PATH_POINTS = 30

/** What the job of a planner needs; plain data. */
export interface PlannerSources {
  /** URL of the module whose default export is the environment. */
  readonly environment: string
  /** Path of the replay buffer to train on. */
  readonly demonstrations: string
}

/**
 * Planners, measured by rolling them out.
 *
 * @param constantStart see `Task.constantStart`
 */
export async function plannerSubject(
  { config }: Job<PlannerConfig>,
  folder: string,
  sources: PlannerSources,
  constantStart: boolean,
  engine: Engine,
): Promise<Subject> {
  const { default: environment }: { default: Environment } = await import(sources.environment)
  const { network } = createPolicy(config, environment)
  let reference: Rows | undefined
  return {
    train: (resume, signal) => trainPlannerRun({ folder, ...sources, ...(!resume && { config }) }, signal),
    async open(checkpoint) {
      const { tensors } = await readCheckpoint(checkpoint, ['average'])
      const normalizer = await (await readRun(folder)).normalizer()
      const parts = { config, environment, normalizer, engine: sharingCompiled(engine) }
      if (constantStart) reference ??= referencePlans(parts)
      return trainedPlanner(parts, network.fromStateDict(tensors.average), reference)
    },
    async trainingTask() {
      const demonstrations = await readReplayBuffer(sources.demonstrations, {
        columns: ['observation', 'action'],
      })
      const normalizer = await (await readRun(folder)).normalizer()
      return plannerTask(config, environment, demonstrations, normalizer).task
    },
  }
}

interface Parts {
  readonly config: PlannerConfig
  readonly environment: Environment
  readonly normalizer: Normalizer
  readonly engine: Engine
}

/** @param reference the expert's first plans, see {@link referencePlans}; absent where starts differ */
function trainedPlanner(
  parts: Parts,
  parameters: Parameters<typeof createPlanner>[2]['parameters'],
  reference?: Rows,
): Trained {
  const { config, environment, normalizer, engine } = parts
  const plannerWith = (evaluations: number): Planner => {
    const sampler = { ...config.sampler, steps: evaluations } as PlannerConfig['sampler']
    return createPlanner({ ...config, sampler }, environment, { parameters, normalizer }, engine)
  }
  const { observe, plan, act } = config.policy
  const episodesOf = async (evaluations: number, count: number, record: boolean) => {
    const planner = plannerWith(evaluations)
    const options = { horizon: { observe, plan, act }, record }
    const episodes: EpisodeRecord[] = []
    for (let first = 0; first < count; first += GROUP) {
      const seeds = Array.from(
        { length: Math.min(GROUP, count - first) },
        (_, i) => config.evaluation.seed + first + i,
      )
      episodes.push(...(await rollout(environment, planner, seeds, options)))
    }
    return episodes
  }
  return {
    async evaluate(evaluations) {
      const { episodes: count } = config.evaluation
      const episodes = await episodesOf(evaluations, count, reference !== undefined)
      const mean = (of: (episode: EpisodeRecord) => number) =>
        episodes.reduce((sum, episode) => sum + of(episode), 0) / count
      const { modes: known } = environment.dynamics
      const shown = known ? shownModes(known, episodes) : []
      const modes = known?.names.map((_, mode) => shown.filter((other) => other === mode).length)
      return {
        type: 'evaluation',
        evaluations,
        episodes: count,
        success: mean(({ success }) => Number(success)),
        rewardMax: mean(({ reward }) => reward.max),
        rewardMean: mean(({ reward }) => reward.mean),
        rewardFinal: mean(({ reward }) => reward.final),
        length: mean(({ length }) => length),
        modes: modes ?? null,
        energyDistance: reference ? energyDistance(firstPlans(parts, episodes), reference) : null,
      }
    },
    async time(evaluations) {
      const planner = plannerWith(evaluations)
      const { dynamics } = environment
      const columns = width(dynamics.observation)
      const history = new Float32Array(observe * columns)
      const observation = dynamics.observe(dynamics.initial(config.evaluation.seed))
      for (let k = 0; k < observe; k++) history.set(observation, k * columns)
      const times: number[] = []
      for (let i = 0; i < WARM_UP + TIMED_PLANS; i++) {
        const began = performance.now()
        await planner(rows(history, 1, history.length), [Rng.seeded(i)])
        if (i >= WARM_UP) times.push(performance.now() - began)
      }
      return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }
    },
    async show(all) {
      const paths: NonNullable<JobRecord['paths']> = {}
      for (const evaluations of all) {
        const count = Math.min(PATHS, config.evaluation.episodes)
        paths[evaluations] = keptPaths(await episodesOf(evaluations, count, false))
      }
      return { paths }
    },
    // Sessions of planners go with what they were compiled for.
    close: async () => {},
  }
}

/** Normalised first plans of as many new demonstrations as there are test episodes, [episodes, T × D]. */
function referencePlans({ config, environment, normalizer }: Parts): Rows {
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
function firstPlans({ config, environment, normalizer }: Parts, episodes: readonly EpisodeRecord[]): Rows {
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

/** A few paths, thinned out and rounded: x, y, x, y, … */
function keptPaths(episodes: readonly EpisodeRecord[]) {
  return episodes.map(({ success, mode, path }) => {
    const stride = Math.ceil((path.length - 1) / PATH_POINTS)
    const kept = path.filter((_, i) => i % stride === 0 || i === path.length - 1)
    return { success, mode, points: kept.flat().map((value) => Number(value.toPrecision(4))) }
  })
}
