import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import type { TrainingSettings } from '../config/training.ts'
import type { Activation, Evidence } from '../coupling/index.ts'
import type { Normalizer } from '../data/normalizer.ts'
import type { Engine } from '../engine/index.ts'
import { sizeOf } from '../engine/tensor.ts'
import { DivergenceError } from '../errors.ts'
import type { HostParameters } from '../models/network.ts'
import type { Parameterized } from '../models/parameterized.ts'
import { type Checkpoint, latestCheckpoint, writeCheckpoint } from '../run/checkpoint.ts'
import { versions } from '../run/environment.ts'
import { FREE_AND_RESUME } from '../run/full-disk.ts'
import type { Metrics, MetricsSink } from '../run/metrics.ts'
import { pruneCheckpoints, type Ranking } from '../run/retention.ts'
import { createRun, type Run, type RunView, resumeRun } from '../run/run-folder.ts'
import type { TrainEvent, TrainingState } from './events.ts'
import { type Course, freshState, learn } from './loop.ts'
import type { RunEvent } from './run-events.ts'

/** Something done now and then with the averaged weights: a rollout, a grid of samples. */
export interface Occasion {
  /** Steps between two of them, and once more after the last step; null for never. */
  readonly every: number | null
  /** Whether a checkpoint follows, ranked by what was measured. */
  readonly checkpoint: boolean
  /**
   * @param run where it may leave files
   * @param report tells the coupling that waits for it what was found; see {@link TrainEvent}
   * @returns figures that depend on the seed alone, for the metrics
   */
  act(
    weights: HostParameters,
    step: number,
    run: RunView,
    report: (evidence: Evidence) => Activation | undefined,
  ): AsyncGenerator<RunEvent, Metrics>
}

/** What a run trains, and what it does meanwhile. */
export interface RunWork {
  readonly network: Parameterized
  readonly course: Course
  readonly training: TrainingSettings
  readonly seed: number
  readonly engine: Engine
  /** Training samples. */
  readonly samples: number
  /** Kept with the run where there is one. */
  readonly normalizer?: Normalizer
  /** Further files of the run, by name, as JSON. */
  readonly notes?: Readonly<Record<string, unknown>>
  readonly occasions: readonly Occasion[]
  /** Which checkpoints are kept besides the newest ones; none where no figure ranks them. */
  readonly ranking?: Ranking
  /** Called when the run ends, however it does. */
  close?(): Promise<void>
}

/** What decides what checkpoints look like and which are kept. */
type Kept = Pick<RunWork, 'network' | 'ranking' | 'training'>

/**
 * Reads a config and makes what it describes.
 *
 * @param source where the config comes from, for messages
 * @param fitted the run's normalizer, where it goes on from a checkpoint
 */
export type Prepare = (
  config: unknown,
  source: string,
  fitted?: () => Promise<Normalizer>,
) => Promise<RunWork>

/**
 * Trains in a run folder: metrics, checkpoints and {@link Occasion}s as the config says, whatever is trained. A run
 * that was killed at any moment and resumed ends with the same bytes as one that never was.
 *
 * @param config of a new run; absent to go on with the one in the folder
 * @throws InputError for a folder, config, dataset or checkpoint that cannot be used
 * @throws DivergenceError when training diverges; the checkpoints that are left are of weights that gave a finite loss
 */
export async function* trainRun(
  { folder, config }: { readonly folder: string; readonly config?: unknown },
  prepare: Prepare,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  // A mistake in a new run is found before there is a folder, which could only be deleted again.
  let work = config === undefined ? undefined : await prepare(config, 'config')
  const run = await (config === undefined ? resumeRun(folder) : createRun(folder, config)).catch(
    async (error) => {
      await work?.close?.()
      throw error
    },
  )
  let metrics: MetricsSink | undefined
  let step = 0
  let saved: { readonly step: number; readonly path: string } | undefined
  try {
    const { checkpoint, skipped } = await latestCheckpoint(run.checkpoints)
    for (const { reason } of skipped) yield { type: 'warning', message: reason }
    work ??= await prepare(run.config, `${run.path}/config.json`, checkpoint && (() => run.normalizer()))
    const { network, training, seed, occasions } = work
    if (!checkpoint && work.normalizer) await run.saveNormalizer(work.normalizer)
    for (const [name, note] of checkpoint ? [] : Object.entries(work.notes ?? {})) {
      await writeFileAtomic(join(run.path, name), `${JSON.stringify(note, undefined, 2)}\n`, FREE_AND_RESUME)
    }
    const from = checkpoint && restore(network, checkpoint)
    metrics = await run.openMetrics(from?.step)
    yield {
      type: 'started',
      from: from?.step ?? 0,
      steps: training.steps,
      parameters: Object.values(network.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      samples: work.samples,
    }
    step = from?.step ?? 0
    for await (const event of learn(work.course, training, work.engine, { seed, from, signal })) {
      if (event.type !== 'step') {
        record(metrics, event)
        yield event
        continue
      }
      const { snapshot, report, ...plain } = event
      step = event.step
      yield plain
      const due = occasions.filter(({ every }) => isDue(step, every, training.steps))
      // Everything is done at the last step; a stop leaves a checkpoint, also one that comes during an occasion.
      const keep = () =>
        due.some(({ checkpoint }) => checkpoint) ||
        isDue(step, training.checkpointEvery, training.steps) ||
        (signal?.aborted ?? false)
      if (due.length === 0 && !keep()) continue
      const state = await snapshot()
      checkFinite(state)
      let { activation } = state
      const tell = (evidence: Evidence) => {
        activation = report(evidence)
        return activation
      }
      let figures: Metrics = {}
      for (const occasion of due) {
        const found = yield* occasion.act(state.average, step, run, tell)
        if (Object.keys(found).length > 0) metrics.record(step, found)
        figures = { ...figures, ...found }
      }
      if (!keep()) continue
      metrics.flush()
      saved = { step, path: await save(run, work, { ...state, activation }, figures) }
      yield { type: 'checkpoint', ...saved }
    }
    yield { type: 'finished', step, complete: step === training.steps }
  } catch (error) {
    // Weights that give no finite loss are no good, finite as they may be themselves.
    if (error instanceof DivergenceError && saved?.step === step) await rm(saved.path, { recursive: true })
    throw error
  } finally {
    metrics?.close()
    await work?.close?.()
    await run.release()
  }
}

/**
 * Begins a run whose weights come from elsewhere: its checkpoint of step 0 holds them, to be used as they are or
 * trained further.
 *
 * @returns the checkpoint's path
 * @throws InputError as {@link createRun}
 */
export async function beginRun(
  folder: string,
  config: unknown,
  work: Kept & Pick<RunWork, 'normalizer'>,
  parameters: HostParameters,
): Promise<string> {
  const run = await createRun(folder, config)
  try {
    if (work.normalizer) await run.saveNormalizer(work.normalizer)
    return await save(run, work, freshState(parameters), {})
  } finally {
    await run.release()
  }
}

/** @throws DivergenceError where weights, average or moments are not all finite: the loss before them may have been */
function checkFinite({ step, parameters, average, first, second }: TrainingState): void {
  for (const tensors of [parameters, average, first, second]) {
    for (const [name, { values }] of Object.entries(tensors)) {
      // Zero times anything finite is zero, and NaN times anything else.
      let zero = 0
      for (let i = 0; i < values.length; i++) zero += 0 * values[i]
      if (zero === 0) continue
      throw new DivergenceError(
        `Training diverged at step ${step}: "${name}" is not finite any more; lower training.learningRate or set training.clip (in the run's config.json) and go on from the last checkpoint.`,
      )
    }
  }
}

function isDue(step: number, every: number | null, steps: number): boolean {
  return every !== null && (step === steps || step % every === 0)
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

async function save(
  run: Run,
  { network, ranking, training }: Kept,
  state: TrainingState,
  figures: Metrics,
): Promise<string> {
  const prefixed = (prefix: string, tensors: HostParameters) =>
    Object.fromEntries(
      Object.entries(network.toStateDict(tensors)).map(([name, tensor]) => [`${prefix}.${name}`, tensor]),
    )
  // Figures are named `evaluation/success` in the metrics and `success` in the ranking.
  const ranked = ranking && figures[`evaluation/${ranking.metric}`]
  const path = await writeCheckpoint(run.checkpoints, {
    step: state.step,
    tensors: {
      model: network.toStateDict(state.parameters),
      average: network.toStateDict(state.average),
      optimizer: { ...prefixed('first', state.first), ...prefixed('second', state.second) },
    },
    ...(ranking && ranked !== undefined && { metrics: { [ranking.metric]: ranked } }),
    state: { pending: state.pending, ...(state.activation && { activation: state.activation }) },
    versions: versions(),
  })
  await pruneCheckpoints(run.checkpoints, {
    last: 2,
    ...(ranking && { best: { ...ranking, count: training.keepBest } }),
  })
  return path
}

function restore(network: Parameterized, { manifest, tensors, path }: Checkpoint): TrainingState {
  const moments = (prefix: string) =>
    network.fromStateDict(
      Object.fromEntries(
        Object.entries(tensors.optimizer).flatMap(([name, tensor]) =>
          name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), tensor]] : [],
        ),
      ),
      path,
    )
  return {
    step: manifest.step,
    parameters: network.fromStateDict(tensors.model, path),
    average: network.fromStateDict(tensors.average, path),
    first: moments('first'),
    second: moments('second'),
    ...(manifest.state as Pick<TrainingState, 'pending' | 'activation'>),
  }
}
