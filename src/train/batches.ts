import { shuffled } from '../data/order.ts'
import { batchCoefficients, drawTimes } from '../diffusion/index.ts'
import type { HostTensor, Tree } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import type { Network } from '../models/network.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'
import { gatherRows, type Samples, type TrainingTask } from './task.ts'

/** Batches ready for a compiled training step, for any step, in any order. */
export interface Batches {
  /**
   * The inputs of step `step`: data, the noise it is coupled with, condition, the process' coefficients and the
   * uniform numbers of dropout. A function of the seed and the step alone, so training can start anywhere.
   */
  at(step: number): Promise<Record<string, HostTensor | Tree<HostTensor>>>
}

/** A pool of upcoming samples with their noise, in the order in which they will be served. */
interface Pool {
  readonly index: number
  readonly data: Rows
  readonly condition?: Rows
  readonly noise: Rows
}

/**
 * Draws batches of `batch` samples. Samples are drawn ahead in pools of `coupling.poolBatches` batches; the
 * order in which they are served is the same for every coupling.
 *
 * @param rng its forks `order`, `coupling`, `time` and `dropout` are used
 */
export function createBatches(task: TrainingTask, batch: number, rng: Rng): Batches {
  const { network, process, coupling, training } = task
  const order = shuffled(training.data.rows, rng)
  const poolSize = coupling.poolBatches * batch
  const dropout = Object.entries(network.dropout(batch))
  let pool: Pool | undefined

  async function draw(index: number): Promise<Pool> {
    const picked = order.indices(index * poolSize, poolSize)
    const data = pick(training.data, picked)
    const condition = training.condition && pick(training.condition, picked)
    const labels = training.labels && Int32Array.from(picked, (i) => training.labels![i])
    const noise = await coupling.couple(data, rng.fork('coupling', index), {
      condition,
      labels,
      batchSize: batch,
      step: index * coupling.poolBatches,
    })
    return { index, data, condition, noise }
  }

  return {
    async at(step) {
      const index = Math.floor(step / coupling.poolBatches)
      if (pool?.index !== index) pool = await draw(index)
      const first = (step - index * coupling.poolBatches) * batch
      const times = drawTimes(process, rng.fork('time', step), batch)
      const uniforms = rng.fork('dropout', step)
      return {
        ...batchInputs(network, part(pool.data, first, batch), part(pool.noise, first, batch)),
        ...conditionInputs(network, pool.condition && part(pool.condition, first, batch)),
        ...coefficientInputs(batchCoefficients(process, times)),
        ...(dropout.length > 0 && {
          dropout: Object.fromEntries(
            dropout.map(([name, { shape }]) => {
              const size = shape.reduce((product, n) => product * n, 1)
              return [
                name,
                { shape, dtype: 'float32' as const, values: uniforms.fillUniform(new Float32Array(size)) },
              ]
            }),
          ),
        }),
      }
    },
  }
}

/**
 * Fixed batches to validate on: the same samples, times and **independent** noise at every validation and for
 * every coupling, so that losses compare.
 *
 * @param limit at most so many batches
 * @returns inputs of a validation, and how many of its samples count (the last batch may be padded)
 */
export function validationBatches(
  task: TrainingTask,
  samples: Samples,
  batch: number,
  limit: number,
  rng: Rng,
): { readonly inputs: Record<string, HostTensor>; readonly counted: number }[] {
  const { network, process } = task
  const stream = rng.fork('validation')
  const total = Math.min(samples.data.rows, batch * limit)
  const chosen = stream.fork('samples').permutation(samples.data.rows).subarray(0, total)
  return Array.from({ length: Math.ceil(total / batch) }, (_, b) => {
    const counted = Math.min(batch, total - b * batch)
    const picked = Int32Array.from({ length: batch }, (_, i) => chosen[Math.min(b * batch + i, total - 1)])
    const coefficients = batchCoefficients(process, drawTimes(process, stream.fork('time', b), batch))
    coefficients.weight.fill(0, counted)
    const data = pick(samples.data, picked)
    const noise = {
      ...data,
      values: stream.fork('noise', b).fillNormal(new Float32Array(data.values.length)),
    }
    return {
      counted,
      inputs: {
        ...batchInputs(network, data, noise),
        ...conditionInputs(network, samples.condition && pick(samples.condition, picked)),
        ...coefficientInputs(coefficients),
      },
    }
  })
}

function pick(source: Rows, indices: ArrayLike<number>): Rows {
  const values = new Float32Array(indices.length * source.columns)
  gatherRows(source, indices, values)
  return rows(values, indices.length, source.columns)
}

function part({ values, columns }: Rows, first: number, count: number): Rows {
  return rows(values.subarray(first * columns, (first + count) * columns), count, columns)
}

function batchInputs({ horizon, channels }: Network, data: Rows, noise: Rows): Record<string, HostTensor> {
  const shape = [data.rows, horizon, channels]
  return {
    data: { shape, dtype: 'float32', values: data.values },
    noise: { shape, dtype: 'float32', values: noise.values },
  }
}

function conditionInputs(network: Network, condition: Rows | undefined): Record<string, HostTensor> {
  if (network.condition === 0) return {}
  if (condition?.columns !== network.condition) {
    throw new InputError(
      `The ${network.name} takes ${network.condition} numbers of condition but the samples have ${condition?.columns ?? 0}; make the network for these samples.`,
    )
  }
  const shape = [condition.rows, condition.columns]
  return { condition: { shape, dtype: 'float32', values: condition.values } }
}

function coefficientInputs(coefficients: ReturnType<typeof batchCoefficients>): Record<string, HostTensor> {
  const { networkTime, ...others } = coefficients
  return Object.fromEntries(
    Object.entries({ ...others, time: networkTime }).map(([name, values]) => [
      name,
      { shape: [values.length], dtype: 'float32', values },
    ]),
  )
}
