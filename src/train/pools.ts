import type { Coupling } from '../coupling/index.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, zeroRows } from '../rows.ts'
import { type CouplingThread, couplingThread } from './coupling-thread.ts'
import { inMemory, pickRows, type TrainingTask } from './task.ts'

/** Upcoming samples with their noise, in the order in which they will be served. */
export interface Pool {
  /** Numbers of the samples, [P]. */
  readonly picked: Int32Array
  readonly data: Rows
  /** Where conditions are in memory. */
  readonly condition?: Rows
  readonly labels?: Int32Array
  readonly noise: Rows
}

/** The endless sequence of pools, `coupling.poolBatches` batches each. Any can be asked for at any time. */
export interface Pools {
  /**
   * The pool that serves step `index` × `coupling.poolBatches` and those after it.
   *
   * @param activeSince step at which what the coupling awaits was seen; absent as long as it was not
   */
  at(index: number, activeSince?: number): Promise<Pool>
  /** As many pools as hold `count` samples, from the one of a step on, as one; nothing is kept of them. */
  sample(step: number, count: number, activeSince?: number): Promise<Pool>
  /** Ends the thread that couples ahead, if there is one. */
  close(): Promise<void>
}

/** How pools are drawn; none of it changes them. */
export interface PoolOptions {
  /** Steps that will be asked for in all; without it every pool is coupled when it is needed. */
  readonly steps?: number
  /**
   * Whether to couple the next pools in a thread of their own, while the steps of the present one run.
   *
   * @param milliseconds that the coupling of a pool took in this thread
   * @param left pools that remain
   */
  readonly ahead?: (milliseconds: number, left: number) => boolean
}

/** A thread starts in about a second, and a message costs a tenth of a millisecond. */
const worthAThread = (milliseconds: number, left: number) => milliseconds > 1 && milliseconds * left > 5000

/** A pool that is being drawn. */
interface Drawing {
  readonly index: number
  readonly active: boolean
  readonly pool: Promise<Pool>
}

/**
 * Draws pools of `batch` × `coupling.poolBatches` samples.
 *
 * @param order gives the numbers of the samples from a place of the endless stream on
 * @param rng its forks `data` and `coupling` are used
 */
export function createPools(
  { coupling, training }: TrainingTask,
  batch: number,
  order: (from: number, count: number) => Int32Array,
  rng: Rng,
  { steps = 0, ahead = worthAThread }: PoolOptions = {},
): Pools {
  const { poolBatches, config } = coupling
  const size = poolBatches * batch
  const total = Math.ceil(steps / poolBatches)
  let thread: CouplingThread | undefined
  let present: Drawing | undefined
  let next: Drawing | undefined

  /** A pool is decided as a whole, by its first step: one that was begun before stays as it is. */
  const isActive = (index: number, activeSince: number | undefined) =>
    activeSince !== undefined && index * poolBatches >= activeSince

  function draw(index: number, activeSince: number | undefined, couple: Coupling['couple']): Drawing {
    const active = isActive(index, activeSince)
    const read = async (): Promise<Pool> => {
      const picked = order(index * size, size)
      const stream = rng.fork('data', index)
      const data = await pickRows(training.data, picked, stream)
      const known = training.condition && inMemory(training.condition) ? training.condition : undefined
      const condition = known && (await pickRows(known, picked, stream))
      const labels = training.labels && Int32Array.from(picked, (i) => training.labels![i])
      const noise = await couple(data, rng.fork('coupling', index), {
        condition,
        labels,
        batchSize: batch,
        step: index * poolBatches,
        ...(active && { activeSince }),
      })
      return { picked, data, condition, labels, noise }
    }
    return { index, active, pool: read() }
  }

  const serves = (
    drawing: Drawing | undefined,
    index: number,
    activeSince: number | undefined,
  ): drawing is Drawing => drawing?.index === index && drawing.active === isActive(index, activeSince)

  /** Couples here, and starts the thread where it will be worth it. */
  const here: Coupling['couple'] = async (data, stream, context) => {
    const began = performance.now()
    const noise = await coupling.couple(data, stream, context)
    const left = total - context.step / poolBatches - 1
    if (config && left > 0 && ahead(performance.now() - began, left)) thread ??= couplingThread(config)
    return noise
  }

  return {
    async at(index, activeSince) {
      if (!serves(present, index, activeSince)) {
        present = serves(next, index, activeSince) ? next : draw(index, activeSince, here)
        next = undefined
      }
      const pool = await present.pool
      if (thread && !next && index + 1 < total) {
        next = draw(index + 1, activeSince, thread.couple)
        // Whoever asks for the pool is told; until then it is no unhandled rejection.
        next.pool.catch(() => {})
      }
      return pool
    },
    async sample(step, count, activeSince) {
      const first = Math.floor(step / poolBatches)
      const pools: Pool[] = []
      for (let k = 0; k * size < count; k++) {
        pools.push(await draw(first + k, activeSince, coupling.couple).pool)
      }
      return joined(pools)
    },
    async close() {
      await thread?.close()
      thread = undefined
    },
  }
}

function joined(pools: readonly Pool[]): Pool {
  const [{ condition, labels }] = pools
  return {
    picked: Int32Array.from(pools.flatMap((pool) => [...pool.picked])),
    data: stacked(pools.map(({ data }) => data)),
    noise: stacked(pools.map(({ noise }) => noise)),
    ...(condition && { condition: stacked(pools.flatMap((pool) => pool.condition ?? [])) }),
    ...(labels && { labels: Int32Array.from(pools.flatMap((pool) => [...(pool.labels ?? [])])) }),
  }
}

function stacked(parts: readonly Rows[]): Rows {
  const all = zeroRows(
    parts.reduce((sum, { rows }) => sum + rows, 0),
    parts[0].columns,
  )
  let at = 0
  for (const { values } of parts) {
    all.values.set(values, at)
    at += values.length
  }
  return all
}
