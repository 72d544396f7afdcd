import { parseConfig } from '../config/parse.ts'
import { type PlannerConfig, plannerSchema } from '../config/planner.ts'
import type { Environment } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import { formatEvaluation } from '../evaluate/format-evaluation.ts'
import { rolloutParallel } from '../evaluate/parallel.ts'
import { type Evaluation, summarize } from '../evaluate/summarize.ts'
import { createPolicy } from '../policy/policy.ts'
import { type Checkpoint, latestCheckpoint, readCheckpoint } from '../run/checkpoint.ts'
import { bestCheckpoint, type Ranking } from '../run/retention.ts'
import { type RunView, readRun } from '../run/run-folder.ts'
import { plannerFactoryModule } from '../train/planner-factory-module.ts'
import { RANKING } from '../train/planner-run.ts'
import type { Output } from './output.ts'
import { table } from './tables.ts'

/** Which weights of a run: the newest checkpoint's, or those of the best evaluation. */
export type Which = 'latest' | 'best'

/** What to roll out. */
export interface RolloutRequest {
  readonly run: string
  readonly which: Which
  readonly loadEnvironment: (name: string) => Promise<Environment>
  readonly episodes?: number
  readonly seed?: number
  readonly output: Output
  readonly signal?: AbortSignal
}

/** Rolls out a trained planner and prints its table. */
export async function rollOut(request: RolloutRequest): Promise<{
  readonly environment: Environment
  readonly config: PlannerConfig
  readonly records: EpisodeRecord[]
  readonly evaluation: Evaluation
}> {
  const { output, signal } = request
  const run = await readRun(request.run)
  const config = parseConfig(plannerSchema, run.config, `${request.run}/config.json`)
  const environment = await request.loadEnvironment(config.environment)
  const checkpoint = await chooseCheckpoint(run, request.which, output)
  const { network } = createPolicy(config, environment)
  const { episodes, seed } = {
    ...config.evaluation,
    ...defined({ episodes: request.episodes, seed: request.seed }),
  }
  const { observe, plan, act } = config.policy
  const progress = output.progress('rollouts', episodes)
  const records = await rolloutParallel({
    environment,
    planner: {
      module: plannerFactoryModule(),
      data: {
        config,
        parameters: network.fromStateDict(checkpoint.tensors.average, checkpoint.path),
        normalizer: await run.normalizer(),
      },
    },
    seeds: Array.from({ length: episodes }, (_, i) => seed + i),
    horizon: { observe, plan, act },
    onProgress: (done) => progress.update(done),
    signal,
  })
  progress.stop()
  const evaluation = summarize(records, environment.dynamics.modes)
  output.say(
    `\n${environment.name}, checkpoint of step ${checkpoint.manifest.step}, seeds ${seed} to ${seed + episodes - 1}`,
  )
  output.say(
    table(
      ['', '', '95 % interval'],
      formatEvaluation(evaluation).map(({ label, value, interval }) => [label, value, interval]),
    ),
  )
  output.record({ type: 'rollout', step: checkpoint.manifest.step, seed, evaluation })
  return { environment, config, records, evaluation }
}

/** The checkpoint of a run whose weights to use. @throws InputError if it has none */
export async function chooseCheckpoint(
  run: RunView,
  which: Which,
  output: Pick<Output, 'warn'>,
  ranking: Ranking = RANKING,
): Promise<Checkpoint> {
  const told = new Set<string>()
  const tell = (path: string, reason: string) => {
    if (!told.has(path)) output.warn(reason)
    told.add(path)
  }
  if (which === 'best') {
    const { best, skipped } = await bestCheckpoint(run.checkpoints, ranking)
    for (const { path, reason } of skipped) tell(path, reason)
    if (best) {
      if (skipped.length > 0) output.warn(`the best of the others is used, of step ${best.manifest.step}`)
      return readCheckpoint(best.path, ['average'])
    }
    output.warn(
      skipped.length > 0
        ? 'no checkpoint that was evaluated while training is whole; the newest whole one is used'
        : 'no checkpoint of this run was evaluated while training; the newest one is used',
    )
  }
  const { checkpoint, skipped } = await latestCheckpoint(run.checkpoints)
  for (const { path, reason } of skipped) tell(path, reason)
  if (!checkpoint) throw new InputError(`${run.path} has no checkpoint that can be used; train it first.`)
  return checkpoint
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
