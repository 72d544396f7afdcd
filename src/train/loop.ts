import type { TrainingSettings } from '../config/training.ts'
import { activationBy, type Criterion } from '../coupling/index.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostTensor, TensorSpec, Tree } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { DivergenceError, InputError } from '../errors.ts'
import type { HostParameters } from '../models/network.ts'
import { Rng } from '../random/rng.ts'
import { type Batches, createBatches, type ValidationBatch, validationBatches } from './batches.ts'
import { averageDecay } from './ema.ts'
import type { TrainEvent, TrainingState } from './events.ts'
import { learningRate } from './learning-rate.ts'
import { agreeing, denoising, type Objective } from './objective.ts'
import { biasCorrections } from './optimizer.ts'
import type { PoolOptions } from './pools.ts'
import { lossOf, lossSignature } from './step.ts'
import { createStepper, type Stepper } from './stepper.ts'
import type { TrainingTask } from './task.ts'

/** Samples that one validation looks at, in batches. */
const VALIDATION_BATCHES = 8

/** Where training starts and where its random numbers come from. */
export interface TrainOptions {
  /** Seeds the weights, the order of samples, the noise, the times and dropout. */
  readonly seed: number
  /** Goes on from here instead of from fresh weights. */
  readonly from?: TrainingState
  /** Stops after the step under way. */
  readonly signal?: AbortSignal
}

/** Everything that training with {@link learn} needs: an objective, where its weights begin, and its batches. */
export interface Course {
  readonly objective: Objective
  initial(rng: Rng): HostParameters | Promise<HostParameters>
  /** @param parts what each batch is cut into */
  batches(batch: number, parts: number, rng: Rng, options: PoolOptions): Batches
  /** Fixed batches of `batch` held-out samples; absent for no validation. */
  validation?(batch: number, limit: number, rng: Rng): Promise<ValidationBatch[]>
  /** What its coupling waits for in an evaluation, if it waits. */
  readonly awaits?: Criterion
  /** What the user should know before it begins. */
  readonly warnings?: readonly string[]
}

/**
 * Trains a denoiser and reports what happens, as {@link learn} does.
 *
 * @throws DivergenceError when the loss or the gradient is not finite; the last snapshot is sound
 */
export function train(
  task: TrainingTask,
  settings: TrainingSettings,
  engine: Engine,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  return learn(denoisingCourse(task), settings, engine, options)
}

/** The course of a denoiser's training. */
export function denoisingCourse(task: TrainingTask): Course {
  const { network, process, coupling, validation } = task
  return {
    objective: process.consistency
      ? agreeing(network, process.consistency)
      : denoising(network, process.extra !== undefined),
    initial: (rng) => task.initial?.() ?? network.init(rng),
    batches: (batch, parts, rng, options) => createBatches(task, batch, rng, parts, options),
    awaits: coupling.awaits,
    ...(validation &&
      validation.data.rows > 0 && {
        validation: (batch, limit, rng) => validationBatches(task, validation, batch, limit, rng),
      }),
    warnings:
      coupling.conditionBlind && network.condition > 0
        ? [blindness(coupling.name, task.training.labels !== undefined)]
        : [],
  }
}

/**
 * Learns whatever objective and reports what happens. The loop waits while its caller handles an event, so
 * logging, evaluating and writing checkpoints belong there. Ends after `settings.steps` steps or when aborted.
 * Resumed from a snapshot, it yields the same events as if it had never stopped.
 *
 * @throws DivergenceError when the loss or the gradient is not finite; the last snapshot is sound
 */
export async function* learn(
  course: Course,
  settings: TrainingSettings,
  engine: Engine,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { batch, accumulate } = settings
  if (batch % accumulate !== 0) {
    throw new InputError(
      `training.batch is ${batch}, which cannot be cut into training.accumulate = ${accumulate} equal parts; change either.`,
    )
  }
  const rng = Rng.seeded(options.seed)
  for (const message of course.warnings ?? []) yield { type: 'warning', message }
  // Nothing is compiled where nothing is left to do.
  if (options.signal?.aborted || (options.from?.step ?? 0) >= settings.steps) return
  const stepper = await createStepper(
    engine,
    course.objective,
    {
      betas: settings.betas,
      epsilon: settings.epsilon,
      weightDecay: settings.weightDecay,
      clip: settings.clip ?? undefined,
    },
    batch / accumulate,
    accumulate,
  )
  try {
    const start = options.from ?? freshState(await course.initial(rng.fork('weights')))
    const { parameters, average, first, second } = start
    await stepper.write({ parameters, average, first, second })
    const batches = course.batches(batch, accumulate, rng, { steps: settings.steps })
    try {
      yield* steps(course, settings, engine, stepper, batches, rng, start, options.signal)
    } finally {
      await batches.close?.()
    }
  } finally {
    await stepper.dispose()
  }
}

async function* steps(
  course: Course,
  settings: TrainingSettings,
  engine: Engine,
  stepper: Stepper,
  batches: Batches,
  rng: Rng,
  { step: from, pending: held, activation: before }: Pick<TrainingState, 'step' | 'pending' | 'activation'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrainEvent, void, undefined> {
  const validate = await createValidation(course, settings, engine, rng)
  const rate = learningRate({
    shape: settings.decay,
    rate: settings.learningRate,
    warmup: settings.warmup,
    steps: settings.steps,
  })
  let pending = { ...held }
  let activation = before
  /** How many steps to take at once: up to a validation, and one by one while a coupling waits for an evaluation. */
  const groupFrom = (done: number) => {
    const waits = course.awaits !== undefined && activation === undefined
    const validation = validate ? settings.validateEvery - (done % settings.validateEvery) : settings.steps
    return waits ? 1 : Math.min(stepper.most, settings.steps - done, validation)
  }
  for (let done = from; done < settings.steps; ) {
    const first = done
    const count = groupFrom(first)
    const began = performance.now()
    let preparing = 0
    const prepare = async (i: number, part: number) => {
      const start = performance.now()
      const inputs = await batches.at(first + i, part, activation?.step)
      preparing += performance.now() - start
      return inputs
    }
    const taken = await stepper.steps(count, prepare, (i) => ({
      learningRate: rate(first + i),
      ...biasCorrections(first + i + 1, settings.betas),
      averageDecay: averageDecay(first + i, { power: settings.averagePower, maximum: settings.averageMax }),
    }))
    const milliseconds = {
      batch: preparing / count,
      compute: (performance.now() - began - preparing) / count,
    }
    // Whoever asks for the state amid steps taken at once gets that of then, and the others are taken again.
    let goOn = true
    for (let i = 0; i < count && goOn; i++) {
      const { loss, gradientNorm } = taken[i]
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new DivergenceError(
          `Training diverged at step ${done + 1}: the loss is ${loss} and the gradient's norm ${gradientNorm}; lower training.learningRate or set training.clip (of a run: in its config.json) and go on from the last checkpoint.`,
        )
      }
      const step = ++done
      pending = {
        loss: pending.loss + loss,
        gradientNorm: pending.gradientNorm + gradientNorm,
        steps: pending.steps + 1,
      }
      if (step % settings.logEvery === 0 || step === settings.steps) {
        yield {
          type: 'metrics',
          step,
          loss: pending.loss / pending.steps,
          gradientNorm: pending.gradientNorm / pending.steps,
          learningRate: rate(step - 1),
        }
        pending = { loss: 0, gradientNorm: 0, steps: 0 }
      }
      if (validate && (step % settings.validateEvery === 0 || step === settings.steps)) {
        const { average } = (await stepper.view()) as unknown as TrainingState
        yield { type: 'validation', step, loss: await validate(average) }
      }
      if (batches.figures && settings.diagnoseEvery !== null && step % settings.diagnoseEvery === 0) {
        yield { type: 'coupling', step, ...(await batches.figures(step, activation?.step)) }
      }
      const sums = pending
      yield {
        type: 'step',
        step,
        loss,
        gradientNorm,
        learningRate: rate(step - 1),
        milliseconds,
        snapshot: async () => {
          if (goOn && i + 1 < count) {
            await stepper.back(i + 1)
            goOn = false
          }
          return {
            ...((await stepper.read()) as unknown as Omit<TrainingState, 'step' | 'pending' | 'activation'>),
            step,
            pending: sums,
            ...(activation && { activation }),
          }
        },
        report(evidence) {
          if (course.awaits) activation ??= activationBy(course.awaits, evidence)
          return activation
        },
      }
      // Here only: a step that was taken is reported even if the stop came meanwhile, for the checkpoint it leaves.
      if (signal?.aborted) return
    }
  }
}

async function createValidation(
  course: Course,
  { batch, accumulate }: TrainingSettings,
  engine: Engine,
  rng: Rng,
): Promise<((parameters: HostParameters) => Promise<number>) | undefined> {
  const { objective, validation } = course
  if (!validation) return undefined
  const size = batch / accumulate
  const compiled = await engine.compile('validation loss', lossOf(objective), lossSignature(objective, size))
  const batches = await validation(size, VALIDATION_BATCHES * accumulate, rng)
  return async (parameters) => {
    let sum = 0
    let counted = 0
    for (const each of batches) {
      const outputs = await compiled.run({ parameters, ...each.inputs })
      sum += scalarOf(outputs.loss) * size
      counted += each.counted
    }
    return sum / counted
  }
}

/** The state before the first step: the average starts as the weights, the moments as zeros. */
export function freshState(parameters: HostParameters): TrainingState {
  const zeros = () =>
    Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, zeroTensor(shape)]))
  return {
    step: 0,
    parameters,
    average: parameters,
    first: zeros(),
    second: zeros(),
    pending: { loss: 0, gradientNorm: 0, steps: 0 },
  }
}

function zeroTensor(shape: TensorSpec['shape']): HostTensor {
  return { shape, dtype: 'float32', values: new Float32Array(sizeOf(shape)) }
}

function scalarOf(output: HostTensor | Tree<HostTensor>): number {
  return (output as HostTensor).values[0]
}

/** @param classes whether the condition is a class */
function blindness(name: string, classes: boolean): string {
  return classes
    ? `The coupling ${name} ignores the class: the noise will tell it in training but not when sampling; use "grouped" (or "independent") instead.`
    : `The coupling ${name} ignores the observation: the noise will tell it in training but not when planning, which ruins closed-loop policies; use "local" (or "independent") instead.`
}
