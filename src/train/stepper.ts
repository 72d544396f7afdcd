import type { Engine } from '../engine/engine.ts'
import type { HostTensor, Tree } from '../engine/tensor.ts'
import type { Objective } from './objective.ts'
import {
  accumulationSignature,
  accumulationStep,
  optimizationStep,
  stepSignature,
  type TrainStepOptions,
  updateSignature,
  updateStep,
} from './step.ts'

/** What an update found. */
export interface Losses {
  readonly loss: number
  readonly gradientNorm: number
}

/** Steps of training with all that they change, whatever a batch is cut into. */
export interface Stepper {
  /** Updates of the weights that one call makes at most. */
  readonly most: number
  /**
   * One update of the weights, or several.
   *
   * @param count 1 to {@link most}
   * @param batch the inputs of part `part` of the batch of update `i`
   * @param schedule the scalars of update `i`
   */
  steps(
    count: number,
    batch: (i: number, part: number) => Promise<Tree<HostTensor>>,
    schedule: (i: number) => Readonly<Record<string, number>>,
  ): Promise<Losses[]>
  /** Goes back to the state after the first `count` updates of the last call. */
  back(count: number): Promise<void>
  /** A copy of the state. */
  read(): Promise<Tree<HostTensor>>
  /** The state, valid until the next step. */
  view(): Promise<Tree<HostTensor>>
  write(state: Tree<HostTensor>): Promise<void>
  dispose(): Promise<void>
}

/**
 * Compiles the steps of training.
 *
 * @param size samples in a part of a batch
 * @param parts of a batch: with one, gradients and update are one compiled function; with more, gradients are
 *   summed part by part, in the memory that one part needs
 */
export async function createStepper(
  engine: Engine,
  objective: Objective,
  options: TrainStepOptions,
  size: number,
  parts: number,
): Promise<Stepper> {
  if (parts > 1) return accumulating(engine, objective, options, size, parts)
  const compiled = await engine.compileStep(
    'train step',
    optimizationStep(objective, options),
    stepSignature(objective, size),
  )
  const { group } = compiled
  const losses = ({ loss, gradientNorm }: Tree<HostTensor>) => ({
    loss: scalarOf(loss),
    gradientNorm: scalarOf(gradientNorm),
  })
  return {
    most: group?.most ?? 1,
    async steps(count, batch, schedule) {
      const inputs: Tree<HostTensor>[] = []
      for (let i = 0; i < count; i++) inputs.push({ ...(await batch(i, 0)), ...scalars(schedule(i)) })
      if (group === undefined) return [losses(await compiled.run(inputs[0]))]
      return (await group.run(inputs)).map(losses)
    },
    back: async (count) => group?.back(count),
    read: () => compiled.read(),
    view: () => compiled.view(),
    write: (state) => compiled.write(state),
    dispose: () => compiled.dispose(),
  }
}

async function accumulating(
  engine: Engine,
  objective: Objective,
  options: TrainStepOptions,
  size: number,
  parts: number,
): Promise<Stepper> {
  const gradients = await engine.compileStep(
    'gradients',
    accumulationStep(objective),
    accumulationSignature(objective, size),
  )
  const update = await engine.compileStep(
    'update',
    updateStep(objective, options),
    updateSignature(objective),
  )
  return {
    most: 1,
    async steps(_, batch, schedule) {
      const { parameters } = await update.view()
      let loss = 0
      for (let part = 0; part < parts; part++) {
        const inputs = {
          parameters,
          batch: await batch(0, part),
          ...scalars({ kept: part === 0 ? 0 : 1, share: 1 / parts }),
        }
        loss += scalarOf((await gradients.run(inputs)).loss) / parts
      }
      const outputs = await update.run({ ...(await gradients.view()), ...scalars(schedule(0)) })
      return [{ loss, gradientNorm: scalarOf(outputs.gradientNorm) }]
    },
    back: async () => {},
    read: () => update.read(),
    view: () => update.view(),
    write: (state) => update.write(state),
    async dispose() {
      await gradients.dispose()
      await update.dispose()
    },
  }
}

function scalars(values: Readonly<Record<string, number>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { shape: [], dtype: 'float32', values: Float32Array.of(value) },
    ]),
  )
}

function scalarOf(output: HostTensor | Tree<HostTensor>): number {
  return (output as HostTensor).values[0]
}
