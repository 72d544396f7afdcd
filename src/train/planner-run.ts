import { parseConfig } from '../config/parse.ts'
import { type PlannerConfig, plannerSchema } from '../config/planner.ts'
import type { Coupling, Evidence } from '../coupling/index.ts'
import { readReplayBuffer } from '../data/replay-buffer.ts'
import { createEngine } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import { createRolloutPool, type RolloutPool } from '../evaluate/parallel.ts'
import { type Evaluation, summarize } from '../evaluate/summarize.ts'
import type { PlannerData } from '../policy/planner-factory.ts'
import type { Metrics } from '../run/metrics.ts'
import { denoisingCourse } from './loop.ts'
import { plannerFactoryModule } from './planner-factory-module.ts'
import { plannerTask } from './planner-task.ts'
import { type Occasion, type Prepare, trainRun } from './run.ts'
import type { RunEvent } from './run-events.ts'

/** The figure by which the best checkpoints are kept. */
export const RANKING = { metric: 'success', better: 'higher' } as const

/** What to train where; plain data, so that it can be sent to a thread. */
export interface PlannerRunRequest {
  readonly folder: string
  /** Config of a new run; absent to go on with the one in the folder. */
  readonly config?: PlannerConfig
  /** URL of the module whose default export is the environment. */
  readonly environment: string
  /** Path of the replay buffer to train on. */
  readonly demonstrations: string
}

/** Trains a planner in a run folder, with rollouts now and then, as {@link trainRun} does. */
export async function* trainPlannerRun(
  request: PlannerRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { default: environment }: { default: Environment } = await import(request.environment)
  const prepare: Prepare = async (given, source, fitted) => {
    const config = parseConfig(plannerSchema, given, source)
    const demonstrations = await readReplayBuffer(request.demonstrations, {
      columns: ['observation', 'action'],
      environment: environment.dynamics,
    })
    const { task, normalizer } = plannerTask(config, environment, demonstrations, await fitted?.())
    const { name, device, threads } = config.engine
    checkAwaited(task.coupling, config)
    // Threads that would never roll out anything are not started.
    let pool: RolloutPool | undefined
    const rollouts: Occasion = {
      every: config.training.evaluateEvery,
      checkpoint: true,
      async *act(parameters, step, _, report) {
        yield { type: 'evaluating', step, done: 0, total: config.evaluation.episodes }
        pool ??= createRolloutPool()
        const episodes = await testEpisodes(pool, environment, { config, parameters, normalizer })
        const evaluation = summarize(episodes, environment.dynamics.modes)
        yield { type: 'episodes', step, episodes }
        const figures = evaluationMetrics(evaluation)
        const activation = report(evidenceOf(step, figures, evaluation))
        yield { type: 'evaluation', step, evaluation }
        if (activation?.step === step) yield { type: 'activation', step, activation }
        return {
          ...prefixed('evaluation/', figures),
          ...(task.coupling.awaits && { 'coupling/active': activation ? 1 : 0 }),
        }
      },
    }
    return {
      network: task.network,
      course: denoisingCourse(task),
      training: config.training,
      seed: config.seed,
      engine: await createEngine({ engine: name, device, threads }),
      samples: task.training.data.rows,
      normalizer,
      occasions: [rollouts],
      ranking: RANKING,
      close: async () => pool?.close(),
    }
  }
  yield* trainRun(request, prepare, signal)
}

/** Rolls out a planner on the config's test episodes. */
export async function evaluate(
  pool: RolloutPool,
  environment: Environment,
  data: PlannerData,
): Promise<Evaluation> {
  const episodes = await testEpisodes(pool, environment, data)
  return summarize(episodes, environment.dynamics.modes)
}

function testEpisodes(
  pool: RolloutPool,
  environment: Environment,
  data: PlannerData,
): Promise<EpisodeRecord[]> {
  const { episodes, seed } = data.config.evaluation
  const { observe, plan, act } = data.config.policy
  return pool.run({
    environment,
    planner: { module: plannerFactoryModule(), data },
    seeds: Array.from({ length: episodes }, (_, i) => seed + i),
    horizon: { observe, plan, act },
  })
}

/** The figures of an evaluation that depend on the seed alone. */
function evaluationMetrics(evaluation: Evaluation): Metrics {
  const { success, reward, modes } = evaluation
  return {
    success: success.value,
    'reward-max': reward.max.value,
    'reward-mean': reward.mean.value,
    'reward-final': reward.final.value,
    ...(modes?.entropy && { entropy: modes.entropy.value }),
    ...(modes?.totalVariation && { 'total-variation': modes.totalVariation.value }),
  }
}

/** Figures that a coupling can wait for; of each, more is better. */
const AWAITED = ['success', 'reward-max', 'reward-mean', 'reward-final', 'entropy']

/** A coupling that waits for what will never come is a mistake. */
function checkAwaited({ awaits, name }: Coupling, { training }: PlannerConfig): void {
  if (!awaits) return
  if (!AWAITED.includes(awaits.metric)) {
    throw new InputError(
      `The coupling ${name} waits for "${awaits.metric}", which evaluations do not give; wait for one of ${AWAITED.join(', ')}.`,
    )
  }
  if (training.evaluateEvery === null) {
    throw new InputError(
      `The coupling ${name} waits for an evaluation, but training.evaluateEvery is null; set it to a number of steps.`,
    )
  }
}

function evidenceOf(step: number, metrics: Record<string, number>, { modes }: Evaluation): Evidence {
  return { step, metrics, ...(modes && { modes: { seen: modes.seen, known: modes.names.length } }) }
}

function prefixed<T>(prefix: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]))
}
