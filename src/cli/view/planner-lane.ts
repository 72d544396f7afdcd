import { basename } from 'node:path'
import type { Hub } from '../../../viewer/server/index.ts'
import type { PlannerConfig } from '../../config/planner.ts'
import { createEngine, type Engine } from '../../engine/index.ts'
import type { Environment } from '../../env/environment.ts'
import { InputError } from '../../errors.ts'
import type { EpisodeRecord } from '../../evaluate/episode-record.ts'
import { rollout } from '../../evaluate/rollout.ts'
import type { Planner } from '../../policy/planner.ts'
import { createPlanner, createPolicy } from '../../policy/policy.ts'
import { checkpointSteps } from '../../run/checkpoint.ts'
import { isInUse } from '../../run/lock.ts'
import type { RunView } from '../../run/run-folder.ts'
import type { Output } from '../output.ts'
import { chooseCheckpoint, type Which } from '../rollout.ts'
import { couplingMessage } from './coupling-message.ts'
import { demonstrationPaths } from './demonstration-paths.ts'
import { type DrawnPath, demonstrationsMessage } from './demonstrations-message.ts'
import type { Lane } from './lane.ts'
import { planMessage } from './plan-message.ts'
import { framesMessage, sceneMessage } from './scene-messages.ts'

/** Episodes planned for in one call: the first group is what there is to see first, so it is small. */
const FIRST_GROUP = 4
const GROUP = 8

/** Episodes whose states are kept; those of others are rolled out again when they are opened. */
const KEPT = 256

/** A planner that is shown. */
export interface PlannerLaneOptions {
  readonly hub: Hub
  /** Number of the run. */
  readonly run: number
  readonly folder: RunView
  readonly config: PlannerConfig
  readonly environment: Environment
  readonly which: Which
  /** Threads of one operation; default as in the config. */
  readonly threads?: number
  readonly output: Pick<Output, 'warn'>
}

/** What a planner that was loaded consists of. */
interface Loaded {
  readonly planner: Planner
  /** Training steps behind its weights. */
  readonly step: number
}

/** A planner's run: rolls out episodes and samples plans when asked. */
export function plannerLane(options: PlannerLaneOptions): Lane {
  const { hub, run, folder, config, environment, which, output } = options
  const { dynamics } = environment
  const { observe, plan, act } = config.policy
  const horizon = { observe, plan, act }
  const scene = dynamics.scene(dynamics.initial(config.evaluation.seed))
  const kept = new Map<number, EpisodeRecord>()
  const counts = new Map<string, number>()
  let engine: Promise<Engine> | undefined
  let loaded: Promise<Loaded> | undefined
  let lastEpisode = 0
  let demonstrated: Promise<DrawnPath[]> | undefined

  const load = async (): Promise<Loaded> => {
    const { name, device, threads } = config.engine
    engine ??= createEngine({ engine: name, device, threads: options.threads ?? threads })
    const { manifest, tensors, path } = await chooseCheckpoint(folder, which, output)
    const { network } = createPolicy(config, environment)
    const weights = {
      parameters: network.fromStateDict(tensors.average, path),
      normalizer: await folder.normalizer(),
    }
    return { planner: createPlanner(config, environment, weights, await engine), step: manifest.step }
  }
  const current = () => {
    loaded ??= load().catch((error) => {
      loaded = undefined
      throw error
    })
    return loaded
  }

  const demonstrations = () => {
    demonstrated ??= demonstrationPaths(config, environment)
    return demonstrated
  }

  const header = (step: number) => {
    hub.publish({
      type: 'run',
      run,
      label: basename(folder.path),
      kind: 'planner',
      environment: environment.name,
      summary: environment.summary,
      config: JSON.stringify(config),
      modes: [...(dynamics.modes?.names ?? [])],
      period: dynamics.period,
      act,
      step,
    })
  }

  const publishEpisode = (record: EpisodeRecord, step: number) => {
    hub.publish({
      type: 'episode',
      run,
      episode: record.seed,
      success: record.success,
      mode: record.mode,
      reward: record.reward.max,
      path: Float32Array.from(record.path.flat()),
      replans: record.latency.map((_, r) => r * act),
      latency: Float32Array.from(record.latency),
      step,
    })
  }

  const keep = (record: EpisodeRecord) => {
    kept.delete(record.seed)
    kept.set(record.seed, record)
    for (const seed of kept.keys()) {
      if (kept.size <= KEPT) break
      kept.delete(seed)
    }
  }

  const recorded = async (seed: number): Promise<EpisodeRecord> => {
    const known = kept.get(seed)
    if (known) return known
    const { planner, step } = await current()
    const [record] = await rollout(environment, planner, [seed], { horizon, record: true })
    keep(record)
    publishEpisode(record, step)
    return record
  }

  return {
    async begin() {
      header(0)
      hub.publish(sceneMessage(run, scene))
    },
    scene,
    firstSeed: config.evaluation.seed,
    showEpisodes: (records, step) => {
      for (const record of records) {
        // Frames and plans of the weights before do not belong to this episode.
        hub.drop(`/run/${run}/episode/${record.seed}`)
        publishEpisode(record, step)
      }
    },
    reload(step) {
      loaded = undefined
      kept.clear()
      counts.clear()
      header(step)
    },
    async *rollOut(seeds) {
      if ((await checkpointSteps(folder.checkpoints)).length === 0 && (await isInUse(folder.path))) {
        const text = `${basename(folder.path)} has no checkpoint yet; it plans as soon as there is one.`
        hub.publish({ type: 'notice', level: 'info', text })
        return
      }
      const { planner, step } = await current()
      header(step)
      for (let at = 0; at < seeds.length; ) {
        const size = at === 0 ? FIRST_GROUP : GROUP
        const group = seeds.slice(at, at + size)
        at += size
        for (const record of await rollout(environment, planner, group, { horizon, record: true })) {
          keep(record)
          // What was sampled for the episode as it went before does not belong to this one.
          hub.drop(`/run/${run}/episode/${record.seed}`)
          publishEpisode(record, step)
          lastEpisode = record.length * dynamics.period
        }
        yield
      }
    },
    lastEpisode: () => lastEpisode,
    async *open(episode, count) {
      const record = await recorded(episode)
      const { states, plans } = record.recording!
      const path = `/run/${run}/episode/${episode}`
      if (!hub.has(`${path}/frames`)) hub.publish(framesMessage(run, episode, dynamics, states))
      yield
      for (const [replan, { step }] of plans.entries()) {
        const key = `${path}/plan/${replan}`
        if (hub.has(key) && counts.get(key) === count) continue
        const { planner } = await current()
        const seen = {
          run,
          episode,
          replan,
          states: states.slice(0, step + 1),
          count,
          demonstrated: await demonstrations(),
        }
        const message = await planMessage(dynamics, planner, horizon, seen)
        if (!message) return
        counts.set(key, count)
        hub.publish(message)
        yield
      }
    },
    async *demonstrate() {
      const paths = await demonstrations()
      if (paths.length > 0) hub.publish(demonstrationsMessage(run, paths))
      yield
    },
    async *couple() {
      if (hub.has(`/run/${run}/coupling`)) return
      const message = await couplingMessage(run, config, environment, await folder.normalizer())
      if (message) hub.publish(message)
      else throw new InputError(`${folder.path} cannot show its coupling: its demonstrations are gone.`)
      yield
    },
  }
}
