import type { TrainingSettings } from '../config/training.ts'
import type { Compiled, CompiledStep, Engine } from '../engine/engine.ts'
import type { HostTensor, TensorSpec, Tree } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { DivergenceError } from '../errors.ts'
import type { HostParameters } from '../models/network.ts'
import { Rng } from '../random/rng.ts'
import { createBatches, validationBatches } from './batches.ts'
import { averageDecay } from './ema.ts'
import type { TrainEvent, TrainingState } from './events.ts'
import { learningRate } from './learning-rate.ts'
import { biasCorrections } from './optimizer.ts'
import { trainSignature, trainStep, validationLoss, validationSignature } from './step.ts'
import type { TrainingTask } from './task.ts'

/** Held-out batches that one validation looks at, at most. */
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

/**
 * Trains a denoiser and reports what happens. The loop waits while its caller handles an event, so logging,
 * evaluating and writing checkpoints belong there. Ends after `settings.steps` steps or when aborted. Resumed
 * from a snapshot, it yields the same events as if it had never stopped.
 *
 * @throws DivergenceError when the loss or the gradient is not finite; the last snapshot is sound
 */
export async function* train(
  task: TrainingTask,
  settings: TrainingSettings,
  engine: Engine,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { network, coupling } = task
  const rng = Rng.seeded(options.seed)
  if (coupling.conditionBlind && network.condition > 0) {
    yield { type: 'warning', message: blindness(coupling.name) }
  }
  const step = await engine.compileStep(
    'train step',
    trainStep(network, {
      betas: settings.betas,
      epsilon: settings.epsilon,
      weightDecay: settings.weightDecay,
      clip: settings.clip ?? undefined,
    }),
    trainSignature(network, settings.batch),
  )
  try {
    const start = options.from ?? freshState(network.init(rng.fork('weights')))
    const { parameters, average, first, second } = start
    await step.write({ parameters, average, first, second })
    yield* steps(task, settings, engine, step, rng, start, options.signal)
  } finally {
    await step.dispose()
  }
}

async function* steps(
  task: TrainingTask,
  settings: TrainingSettings,
  engine: Engine,
  compiled: CompiledStep,
  rng: Rng,
  start: TrainingState,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrainEvent, void, undefined> {
  const batches = createBatches(task, settings.batch, rng)
  const validate = await createValidation(task, settings, engine, rng)
  const rate = learningRate({
    shape: settings.decay,
    rate: settings.learningRate,
    warmup: settings.warmup,
    steps: settings.steps,
  })
  let pending = { ...start.pending }
  for (let done = start.step; done < settings.steps && !signal?.aborted; ) {
    const began = performance.now()
    const inputs = await batches.at(done)
    const prepared = performance.now()
    const { biasCorrection1, biasCorrection2 } = biasCorrections(done + 1, settings.betas)
    const decay = averageDecay(done, { power: settings.averagePower, maximum: settings.averageMax })
    const outputs = await compiled.run({
      ...inputs,
      learningRate: scalar(rate(done)),
      biasCorrection1: scalar(biasCorrection1),
      biasCorrection2: scalar(biasCorrection2),
      averageDecay: scalar(decay),
    })
    const loss = scalarOf(outputs.loss)
    const gradientNorm = scalarOf(outputs.gradientNorm)
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new DivergenceError(
        `Training diverged at step ${done + 1}: the loss is ${loss} and the gradient's norm ${gradientNorm}; resume from the last checkpoint with a lower training.learningRate or a training.clip.`,
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
      const { average } = (await compiled.read()) as unknown as TrainingState
      yield { type: 'validation', step, loss: await validate(average) }
    }
    const held = pending
    yield {
      type: 'step',
      step,
      loss,
      gradientNorm,
      learningRate: rate(step - 1),
      milliseconds: { batch: prepared - began, compute: performance.now() - prepared },
      snapshot: async () => ({
        ...((await compiled.read()) as unknown as Omit<TrainingState, 'step' | 'pending'>),
        step,
        pending: held,
      }),
    }
  }
}

async function createValidation(
  task: TrainingTask,
  settings: TrainingSettings,
  engine: Engine,
  rng: Rng,
): Promise<((parameters: HostParameters) => Promise<number>) | undefined> {
  const { network, validation } = task
  if (!validation || validation.data.rows === 0) return undefined
  const compiled: Compiled = await engine.compile(
    'validation loss',
    validationLoss(network),
    validationSignature(network, settings.batch),
  )
  const batches = validationBatches(task, validation, settings.batch, VALIDATION_BATCHES, rng)
  return async (parameters) => {
    let sum = 0
    let counted = 0
    for (const batch of batches) {
      const outputs = await compiled.run({ parameters, ...batch.inputs })
      sum += scalarOf(outputs.loss) * settings.batch
      counted += batch.counted
    }
    return sum / counted
  }
}

/** The state before the first step: the average starts as the weights, the moments as zeros. */
function freshState(parameters: HostParameters): TrainingState {
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

function scalar(value: number): HostTensor {
  return { shape: [], dtype: 'float32', values: Float32Array.of(value) }
}

function scalarOf(output: HostTensor | Tree<HostTensor>): number {
  return (output as HostTensor).values[0]
}

function blindness(name: string): string {
  return `The coupling ${name} ignores the observation: the noise will tell it in training but not when planning, which ruins closed-loop policies; use "local" (or "independent") instead.`
}
