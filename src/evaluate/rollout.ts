import { performance } from 'node:perf_hooks'
import type { Dynamics, Environment } from '../env/environment.ts'
import { width } from '../env/space.ts'
import { FailureError } from '../errors.ts'
import type { Planner } from '../policy/planner.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import type { EpisodeRecord, RecordedPlan } from './episode-record.ts'
import { checkHorizon, DEFAULT_HORIZON, type Horizon } from './horizon.ts'

/** How episodes are rolled out. */
export interface RolloutOptions {
  /** Default {@link DEFAULT_HORIZON}. */
  readonly horizon?: Horizon
  /** Keep states, actions and plans as well; default false. */
  readonly record?: boolean
  /** Stops at the next plan, with the signal's reason as the error. */
  readonly signal?: AbortSignal
}

/** An episode under way. */
interface Running<S> {
  readonly seed: number
  readonly states: S[]
  readonly observations: Float32Array[]
  readonly actions: Float32Array[]
  readonly rewards: number[]
  readonly plans: RecordedPlan[]
  readonly latency: number[]
  ended: boolean
}

/**
 * Rolls out one episode for each seed in closed loop: look at the last `observe` observations (the first one is
 * repeated where an episode is younger), plan, execute `act` actions, plan again, until the environment ends
 * the episode or it reaches its limit of steps.
 *
 * All episodes advance in lockstep and are planned for in one call. An ended episode keeps its row, so that the
 * planner always sees the same number of rows: its shapes stay static, and an episode's numbers cannot depend
 * on when the others end. Plan r of the episode with seed s draws from `Rng.seeded(s).fork('plan', r)`.
 *
 * @param seeds one for each episode: of its initial state and of its plans
 * @returns one record for each seed, in their order
 * @throws InputError for a horizon that does not fit
 * @throws FailureError if the planner answers with other shapes or with actions that are not finite
 */
export async function rollout<S>(
  environment: Pick<Environment<S>, 'name' | 'dynamics'>,
  planner: Planner,
  seeds: readonly number[],
  options: RolloutOptions = {},
): Promise<EpisodeRecord[]> {
  const { dynamics } = environment
  const horizon = checkHorizon(options.horizon ?? DEFAULT_HORIZON)
  const episodes = seeds.map((seed) => begin(dynamics, seed))
  // Latencies shall tell what planning costs, not what compiling does.
  await planner.prepare?.(seeds.length)
  for (let replan = 0; episodes.some((episode) => !episode.ended); replan++) {
    options.signal?.throwIfAborted()
    const streams = seeds.map((seed) => Rng.seeded(seed).fork('plan', replan))
    const histories = observed(dynamics, episodes, horizon.observe)
    const before = performance.now()
    const plans = await planner(histories, streams)
    const latency = performance.now() - before
    checkPlans(environment, plans, episodes, horizon)
    episodes.forEach((episode, i) => {
      if (!episode.ended) execute(dynamics, episode, row(plans, i), horizon, latency)
    })
  }
  return episodes.map((episode) => conclude(dynamics, episode, seeds.length, options.record ?? false))
}

function begin<S>(dynamics: Dynamics<S>, seed: number): Running<S> {
  const state = dynamics.initial(seed)
  return {
    seed,
    states: [state],
    observations: [dynamics.observe(state)],
    actions: [],
    rewards: [],
    plans: [],
    latency: [],
    ended: dynamics.terminated(state),
  }
}

/** The last `observe` observations of each episode, oldest first, [episodes, observe × observation width]. */
function observed<S>(dynamics: Dynamics<S>, episodes: readonly Running<S>[], observe: number): Rows {
  const columns = width(dynamics.observation)
  const histories = zeroRows(episodes.length, observe * columns)
  episodes.forEach(({ observations }, i) => {
    const history = row(histories, i)
    for (let k = 0; k < observe; k++) {
      const at = Math.max(0, observations.length - observe + k)
      history.set(observations[at], k * columns)
    }
  })
  return histories
}

function execute<S>(
  dynamics: Dynamics<S>,
  episode: Running<S>,
  plan: Float32Array,
  { observe, plan: length, act }: Horizon,
  latency: number,
): void {
  const columns = width(dynamics.action)
  episode.plans.push({ step: episode.actions.length, actions: rows(plan.slice(), length, columns) })
  episode.latency.push(latency)
  for (let k = observe - 1; k < observe - 1 + act && !episode.ended; k++) {
    const action = plan.slice(k * columns, (k + 1) * columns)
    const state = dynamics.transition(episode.states[episode.states.length - 1], action)
    episode.states.push(state)
    episode.actions.push(action)
    episode.observations.push(dynamics.observe(state))
    episode.rewards.push(dynamics.reward(state))
    episode.ended = dynamics.terminated(state) || episode.actions.length >= dynamics.maxSteps
  }
}

function conclude<S>(
  dynamics: Dynamics<S>,
  episode: Running<S>,
  batch: number,
  record: boolean,
): EpisodeRecord {
  const { seed, states, actions, latency, plans } = episode
  const last = states[states.length - 1]
  // An initial state that already ends the episode has no action whose reward could count.
  const rewards = episode.rewards.length > 0 ? episode.rewards : [dynamics.reward(last)]
  const base: EpisodeRecord = {
    seed,
    success: dynamics.success(last),
    length: actions.length,
    reward: {
      max: rewards.reduce((most, reward) => Math.max(most, reward)),
      mean: rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length,
      final: rewards[rewards.length - 1],
    },
    mode: dynamics.modes?.of(states) ?? -1,
    path: states.map((state) => dynamics.position(state)),
    latency,
    batch,
  }
  if (!record) return base
  const executed = zeroRows(actions.length, width(dynamics.action))
  actions.forEach((action, i) => {
    row(executed, i).set(action)
  })
  return { ...base, recording: { states, actions: executed, plans } }
}

function checkPlans<S>(
  { name, dynamics }: Pick<Environment<S>, 'name' | 'dynamics'>,
  plans: Rows,
  episodes: readonly Running<S>[],
  horizon: Horizon,
): void {
  const columns = horizon.plan * width(dynamics.action)
  if (plans.rows !== episodes.length || plans.columns !== columns) {
    throw new FailureError(
      `The planner answered ${plans.rows} × ${plans.columns} numbers for ${episodes.length} episodes of ${name} that need ${columns} each; use a planner made for this environment and horizon.`,
    )
  }
  episodes.forEach(({ seed, ended, actions }, i) => {
    if (!ended && !row(plans, i).every(Number.isFinite)) {
      throw new FailureError(
        `The planner's actions for the episode of ${name} with seed ${seed} are not finite after step ${actions.length}; its weights may have diverged, so use an earlier checkpoint.`,
      )
    }
  })
}
