import { parseConfig } from '../config/parse.ts'
import { type PlannerConfig, plannerSchema } from '../config/planner.ts'
import type { Coupling, Evidence } from '../coupling/index.ts'
import type { Normalizer } from '../data/normalizer.ts'
import { readReplayBuffer } from '../data/replay-buffer.ts'
import { createEngine, sizeOf } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import { createRolloutPool, type RolloutPool } from '../evaluate/parallel.ts'
import { type Evaluation, summarize } from '../evaluate/summarize.ts'
import type { Network } from '../models/network.ts'
import type { PlannerData } from '../policy/planner-factory.ts'
import { type Checkpoint, latestCheckpoint, writeCheckpoint } from '../run/checkpoint.ts'
import { versions } from '../run/environment.ts'
import type { MetricsSink } from '../run/metrics.ts'
import { pruneCheckpoints } from '../run/retention.ts'
import { createRun, type Run, resumeRun } from '../run/run-folder.ts'
import type { TrainEvent, TrainingState } from './events.ts'
import { train } from './loop.ts'
import { plannerFactoryModule } from './planner-factory-module.ts'
import { plannerTask } from './planner-task.ts'
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

/**
 * Trains a planner in a run folder: metrics, checkpoints and evaluations as the config says. A run that was
 * killed at any moment and resumed ends with the same bytes as one that never was.
 *
 * @throws InputError for a folder, config, dataset or checkpoint that cannot be used
 * @throws DivergenceError when training diverges; the checkpoints before it are sound
 */
export async function* trainPlannerRun(
  request: PlannerRunRequest,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { default: environment }: { default: Environment } = await import(request.environment)
  const prepare = async (config: PlannerConfig, fitted?: Normalizer) => {
    const demonstrations = await readReplayBuffer(request.demonstrations, {
      columns: ['observation', 'action'],
      environment: environment.dynamics,
    })
    const { name, device, threads } = config.engine
    const planned = plannerTask(config, environment, demonstrations, fitted)
    checkAwaited(planned.task.coupling, config)
    return {
      ...planned,
      engine: await createEngine({ engine: name, device, threads }),
    }
  }
  // A mistake in a new run is found before there is a folder, which could only be deleted again.
  const fresh = request.config && (await prepare(request.config))
  const run = request.config
    ? await createRun(request.folder, request.config)
    : await resumeRun(request.folder)
  let pool: RolloutPool | undefined
  let metrics: MetricsSink | undefined
  try {
    const config = parseConfig(plannerSchema, run.config, `${run.path}/config.json`)
    const { checkpoint, skipped } = await latestCheckpoint(run.checkpoints)
    for (const { reason } of skipped) yield { type: 'warning', message: reason }
    const prepared = fresh ?? (await prepare(config, checkpoint && (await run.normalizer())))
    const { task, normalizer, engine } = prepared
    if (!checkpoint) await run.saveNormalizer(normalizer)
    const from = checkpoint && restore(task.network, checkpoint)
    metrics = await run.openMetrics(from?.step)
    // Threads that would never roll out anything are not started.
    pool = createRolloutPool(config.training.evaluateEvery === null ? { workers: 0 } : {})
    yield {
      type: 'started',
      from: from?.step ?? 0,
      steps: config.training.steps,
      parameters: Object.values(task.network.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      samples: task.training.data.rows,
    }
    let step = from?.step ?? 0
    for await (const event of train(task, config.training, engine, { seed: config.seed, from, signal })) {
      if (event.type !== 'step') {
        record(metrics, event)
        yield event
        continue
      }
      const { snapshot, report, ...plain } = event
      step = event.step
      yield plain
      const due = dueAt(step, config, signal?.aborted ?? false)
      if (!due.evaluate && !due.checkpoint) continue
      const state = await snapshot()
      let { activation } = state
      let evaluation: Evaluation | undefined
      if (due.evaluate) {
        yield { type: 'evaluating', step, done: 0, total: config.evaluation.episodes }
        const episodes = await testEpisodes(pool, environment, {
          config,
          parameters: state.average,
          normalizer,
        })
        evaluation = summarize(episodes, environment.dynamics.modes?.names ?? [])
        yield { type: 'episodes', step, episodes }
        const figures = evaluationMetrics(evaluation)
        activation = report(evidenceOf(step, figures, evaluation))
        metrics.record(step, {
          ...prefixed('evaluation/', figures),
          ...(task.coupling.awaits && { 'coupling/active': activation ? 1 : 0 }),
        })
        yield { type: 'evaluation', step, evaluation }
        if (activation?.step === step) yield { type: 'activation', step, activation }
      }
      metrics.flush()
      yield {
        type: 'checkpoint',
        step,
        path: await save(run, task.network, { ...state, activation }, config, evaluation),
      }
    }
    yield { type: 'finished', step, complete: step === config.training.steps }
  } finally {
    metrics?.close()
    await pool?.close()
    await run.release()
  }
}

/** Rolls out a planner on the config's test episodes. */
export async function evaluate(
  pool: RolloutPool,
  environment: Environment,
  data: PlannerData,
): Promise<Evaluation> {
  const episodes = await testEpisodes(pool, environment, data)
  return summarize(episodes, environment.dynamics.modes?.names ?? [])
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

/** What is to be done after a step. Everything is done at the last one; a stop leaves a checkpoint. */
function dueAt(
  step: number,
  { training }: PlannerConfig,
  stopping: boolean,
): { readonly evaluate: boolean; readonly checkpoint: boolean } {
  const last = step === training.steps
  const evaluate = training.evaluateEvery !== null && (last || step % training.evaluateEvery === 0)
  return { evaluate, checkpoint: evaluate || last || stopping || step % training.checkpointEvery === 0 }
}

function record(metrics: MetricsSink, event: TrainEvent): void {
  if (event.type === 'metrics') {
    const { step, loss, gradientNorm, learningRate } = event
    metrics.record(step, {
      'train/loss': loss,
      'train/gradient-norm': gradientNorm,
      'train/learning-rate': learningRate,
    })
  }
  if (event.type === 'coupling') {
    const { distance, normEnergy, probe } = event
    metrics.record(event.step, {
      'coupling/distance': distance,
      'coupling/norm-energy': normEnergy,
      ...(probe && { 'coupling/probe': probe.value, 'coupling/probe-limit': probe.limit }),
    })
  }
  if (event.type === 'validation') metrics.record(event.step, { 'validation/loss': event.loss })
}

/** The figures of an evaluation that depend on the seed alone. */
function evaluationMetrics(evaluation: Evaluation): Record<string, number> {
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

async function save(
  run: Run,
  network: Network,
  state: TrainingState,
  config: PlannerConfig,
  evaluation: Evaluation | undefined,
): Promise<string> {
  const path = await writeCheckpoint(run.checkpoints, {
    step: state.step,
    tensors: {
      model: network.toStateDict(state.parameters),
      average: network.toStateDict(state.average),
      optimizer: {
        ...prefixed('first.', network.toStateDict(state.first)),
        ...prefixed('second.', network.toStateDict(state.second)),
      },
    },
    ...(evaluation && { metrics: { [RANKING.metric]: evaluation.success.value } }),
    state: { pending: state.pending, ...(state.activation && { activation: state.activation }) },
    versions: versions(),
  })
  await pruneCheckpoints(run.checkpoints, { last: 2, best: { ...RANKING, count: config.training.keepBest } })
  return path
}

function restore(network: Network, { manifest, tensors }: Checkpoint): TrainingState {
  const moments = (prefix: string) =>
    network.fromStateDict(
      Object.fromEntries(
        Object.entries(tensors.optimizer).flatMap(([name, tensor]) =>
          name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), tensor]] : [],
        ),
      ),
    )
  return {
    step: manifest.step,
    parameters: network.fromStateDict(tensors.model),
    average: network.fromStateDict(tensors.average),
    first: moments('first'),
    second: moments('second'),
    ...(manifest.state as Pick<TrainingState, 'pending' | 'activation'>),
  }
}
