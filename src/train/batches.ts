import { shuffled } from '../data/order.ts'
import { batchCoefficients, drawTimes, estimateCoefficients, type Process } from '../diffusion/index.ts'
import type { HostTensor, Tree } from '../engine/tensor.ts'
import { sizeOf } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import type { Network } from '../models/network.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'
import { type CouplingFigures, couplingFigures } from './coupling-figures.ts'
import { createPools, type Pool, type PoolOptions } from './pools.ts'
import { pickRows, type RowSource, type Samples, type TrainingTask } from './task.ts'

/** The tensors of a batch, or of a part of one. */
export type BatchInputs = Record<string, HostTensor | Tree<HostTensor>>

/** Batches ready for a compiled training step, for any step, in any order. */
export interface Batches {
  /**
   * The inputs of step `step`: data, the noise it is coupled with, condition, the process' coefficients and the
   * uniform numbers of dropout. A function of the seed and the step alone, so training can start anywhere.
   *
   * @param part which part of the batch; its samples are the same whatever the batch is cut into
   * @param activeSince step at which what the coupling awaits was seen; absent as long as it was not
   */
  at(step: number, part?: number, activeSince?: number): Promise<BatchInputs>
  /** How the noise of the samples from `step` on is chosen; absent where none is. */
  figures?(step: number, activeSince?: number): Promise<CouplingFigures>
  /** Ends what works ahead. */
  close?(): Promise<void>
}

/** Samples whose noise is looked at for the figures of a coupling, at least. */
const FIGURED = 4096

/** A fixed batch to validate on, and how many of its samples count (the last may be padded). */
export interface ValidationBatch {
  readonly inputs: BatchInputs
  readonly counted: number
}

/**
 * Draws batches of `batch` samples. Samples are drawn ahead in pools of `coupling.poolBatches` batches; the
 * order in which they are served is the same for every coupling.
 *
 * @param rng its forks `order`, `data`, `coupling`, `time`, `dropout`, `offset`, `condition` and `figures` are used
 * @param parts what each batch is cut into; divides `batch`
 */
export function createBatches(
  task: TrainingTask,
  batch: number,
  rng: Rng,
  parts = 1,
  options: PoolOptions = {},
): Batches {
  const { network, process, coupling, training, conditionDropout, noiseOffset = 0 } = task
  const pools = createPools(task, batch, createOrder(training, batch, rng), rng, options)
  const size = batch / parts
  const dropout = Object.entries(network.dropout(size))

  /** The conditions of samples `first` … `first + size − 1` of the pool. */
  async function conditions({ picked, condition }: Pool, step: number, part: number, first: number) {
    const found = condition
      ? slice(condition, first, size)
      : training.condition &&
        (await pickRows(
          training.condition,
          picked.subarray(first, first + size),
          rng.fork('condition', step),
        ))
    if (!found || !conditionDropout || conditionDropout.share === 0) return found
    const drawn = rng.fork('condition', step).fillUniform(new Float32Array(batch))
    // A copy: what lies in the pool may be shared.
    const kept = { ...found, values: found.values.slice() }
    for (let i = 0; i < size; i++) {
      if (drawn[part * size + i] < conditionDropout.share) {
        kept.values.set(conditionDropout.empty, i * kept.columns)
      }
    }
    return kept
  }

  return {
    async figures(step, activeSince) {
      return couplingFigures(await pools.sample(step, FIGURED, activeSince), rng.fork('figures', step))
    },
    close: pools.close,
    async at(step, part = 0, activeSince) {
      const index = Math.floor(step / coupling.poolBatches)
      const pool = await pools.at(index, activeSince)
      const first = (step - index * coupling.poolBatches) * batch + part * size
      const place = { step, steps: options.steps ?? step + 1, batch, from: part * size, size }
      const { times, inputs } = timeInputs(process, rng.fork('time', step), place)
      const uniforms = part === 0 ? rng.fork('dropout', step) : rng.fork('dropout', step, part)
      let noise = slice(pool.noise, first, size)
      if (noiseOffset > 0) {
        const offsets = rng.fork('offset', step).fillNormal(new Float32Array(batch * network.channels))
        noise = shifted(
          noise,
          network.channels,
          noiseOffset,
          offsets.subarray(part * size * network.channels),
        )
      }
      return {
        ...batchInputs(network, slice(pool.data, first, size), noise),
        ...conditionInputs(network, await conditions(pool, step, part, first)),
        ...inputs,
        ...blurInputs(process, times, network, rng.fork('blur', step, part)),
        ...(dropout.length > 0 && {
          dropout: Object.fromEntries(
            dropout.map(([name, { shape }]) => [
              name,
              {
                shape,
                dtype: 'float32' as const,
                values: uniforms.fillUniform(new Float32Array(sizeOf(shape))),
              },
            ]),
          ),
        }),
      }
    },
  }
}

/** Whether a batch can hold samples beside their mirror images. @throws InputError for an odd one */
export function checkPairs(batch: number): void {
  if (batch % 2 === 0) return
  throw new InputError(
    `A batch of ${batch} cannot hold samples and their mirror images in pairs; make training.batch even.`,
  )
}

/** Which samples are served from one place of the endless stream on. */
export function createOrder(
  { data, pairs }: Samples,
  batch: number,
  rng: Rng,
): (from: number, count: number) => Int32Array {
  if (!pairs) {
    const order = shuffled(data.rows, rng)
    return (from, count) => order.indices(from, count)
  }
  checkPairs(batch)
  const order = shuffled(pairs.length / 2, rng)
  return (from, count) => {
    const chosen = order.indices(from / 2, count / 2)
    return Int32Array.from({ length: count }, (_, i) => pairs[2 * chosen[i >> 1] + (i & 1)])
  }
}

/**
 * Fixed batches to validate on: the same samples, times and **independent** noise at every validation and for
 * every coupling, so that losses compare.
 *
 * @param limit at most so many batches
 */
export async function validationBatches(
  task: TrainingTask,
  samples: Samples,
  batch: number,
  limit: number,
  rng: Rng,
): Promise<ValidationBatch[]> {
  const { network, process } = task
  const stream = rng.fork('validation')
  const total = Math.min(samples.data.rows, batch * limit)
  const chosen = stream.fork('samples').permutation(samples.data.rows).subarray(0, total)
  const made: ValidationBatch[] = []
  for (let b = 0; b < Math.ceil(total / batch); b++) {
    const counted = Math.min(batch, total - b * batch)
    const picked = Int32Array.from({ length: batch }, (_, i) => chosen[Math.min(b * batch + i, total - 1)])
    const { inputs } = timeInputs(process, stream.fork('time', b), {
      step: 1,
      steps: 1,
      batch,
      from: 0,
      size: batch,
    })
    ;(inputs.weight.values as Float32Array).fill(0, counted)
    const pick = (source: Rows | RowSource) => pickRows(source, picked, stream.fork('data', b))
    const data = await pick(samples.data)
    const noise = {
      ...data,
      values: stream.fork('noise', b).fillNormal(new Float32Array(data.values.length)),
    }
    made.push({
      counted,
      inputs: {
        ...batchInputs(network, data, noise),
        ...conditionInputs(network, samples.condition && (await pick(samples.condition))),
        ...inputs,
      },
    })
  }
  return made
}

function slice({ values, columns }: Rows, first: number, count: number): Rows {
  return rows(values.subarray(first * columns, (first + count) * columns), count, columns)
}

/** Adds amount · offsets[sample, channel] to every place of a sample's channel. */
function shifted(noise: Rows, channels: number, amount: number, offsets: Float32Array): Rows {
  const values = noise.values.map((value, i) => {
    const sample = Math.floor(i / noise.columns)
    return value + amount * offsets[sample * channels + (i % channels)]
  })
  return { ...noise, values }
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

/** A third noise and its factors, where the process blurs its paths. */
function blurInputs(
  process: Process,
  times: Float64Array,
  { horizon, channels }: Network,
  rng: Rng,
): Record<string, HostTensor> {
  if (!process.extra) return {}
  const count = times.length
  const factors = Array.from(times, (t) => process.extra!(t))
  const each = (values: number[]) => vector(Float32Array.from(values))
  return {
    extra: {
      shape: [count, horizon, channels],
      dtype: 'float32',
      values: rng.fillNormal(new Float32Array(count * horizon * channels)),
    },
    extraSample: each(factors.map(({ sample }) => sample)),
    extraTarget: each(factors.map(({ target }) => target)),
  }
}

/** Where in training times are drawn: for samples `from` … `from + size − 1` of the batch of step `step`. */
interface Place {
  readonly step: number
  readonly steps: number
  readonly batch: number
  readonly from: number
  readonly size: number
}

/** Times of samples, and what the process makes of them. The times do not depend on what a batch is cut into. */
function timeInputs(
  process: Process,
  rng: Rng,
  { step, steps, batch, from, size }: Place,
): { readonly times: Float64Array; readonly inputs: BatchInputs & { readonly weight: HostTensor } } {
  const { consistency } = process
  if (!consistency) {
    const times = drawTimes(process, rng, batch).subarray(from, from + size)
    const { networkTime, weight, ...others } = batchCoefficients(process, times)
    return { times, inputs: { ...vectors({ ...others, time: networkTime }), weight: vector(weight) } }
  }
  const drawn = Array.from({ length: batch }, () => consistency.draw(rng, step, steps))
  const pairs = drawn.slice(from, from + size)
  const times = Float64Array.from(pairs, ({ time }) => time)
  const nearer = Float64Array.from(pairs, (pair) => pair.nearer)
  return {
    times,
    inputs: {
      farther: vectors(estimateCoefficients(process, times)),
      nearer: vectors(estimateCoefficients(process, nearer)),
      // Levels that lie closer together are to agree all the better.
      weight: vector(Float32Array.from(pairs, (pair) => 1 / (pair.time - pair.nearer))),
    },
  }
}

function vector(values: Float32Array): HostTensor {
  return { shape: [values.length], dtype: 'float32', values }
}

function vectors(values: Readonly<Record<string, Float32Array>>): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [name, vector(each)]))
}
