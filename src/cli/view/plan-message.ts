import type { MessageOf } from '../../../viewer/protocol/index.ts'
import type { Dynamics } from '../../env/environment.ts'
import { carriedOut, plannedPath } from '../../env/planned-path.ts'
import { width } from '../../env/space.ts'
import type { Horizon } from '../../evaluate/horizon.ts'
import type { Planner, PlanningStep } from '../../policy/planner.ts'
import { Rng } from '../../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../../rows.ts'
import type { DrawnPath } from './demonstrations-message.ts'
import { leaning } from './leaning.ts'

/** Numbers in one message, at most: with very many plans, denoise steps between are left out. */
const MOST_NUMBERS = 2_000_000

/** A replan to look into. */
export interface Replan<S> {
  readonly run: number
  readonly episode: number
  /** Number of the replan. */
  readonly replan: number
  /** The states up to it, the initial one first. */
  readonly states: readonly S[]
  /** Plans to sample. */
  readonly count: number
  /** What was demonstrated, to tell where plans that end halfway lead to. */
  readonly demonstrated: readonly DrawnPath[]
}

/**
 * Samples plans at a replan as its episode did, and shows every denoise step. Sample 0 starts from the noise of
 * the plan that was carried out, the others from noise of their own; both depend on the seed alone, so that two
 * runs that are compared start from the same noise.
 */
export async function planMessage<S>(
  dynamics: Dynamics<S>,
  planner: Planner,
  horizon: Horizon,
  request: Replan<S>,
): Promise<MessageOf<'plan'> | undefined> {
  if (!planner.steps) return undefined
  const { run, episode, replan, states, count } = request
  const { observe, plan, act } = horizon
  const stream = () => Rng.seeded(episode).fork('plan', replan)
  const streams = Array.from({ length: count }, (_, i) => (i === 0 ? stream() : stream().fork('sample', i)))
  const steps: PlanningStep[] = []
  await planner.prepare?.(count)
  const began = performance.now()
  for await (const step of planner.steps(history(dynamics, states, observe, count), streams)) steps.push(step)
  const latency = performance.now() - began
  const state = states[states.length - 1]
  const ahead = plan - observe + 1
  const points = ahead + 1
  const kept = evenly(steps, Math.max(2, Math.floor(MOST_NUMBERS / (count * points * 4))))
  const columns = width(dynamics.action)
  const future = (chunk: Float32Array) => rows(chunk.slice((observe - 1) * columns), ahead, columns)
  const drawn = (actions: readonly Rows[]) => {
    const out = new Float32Array(actions.length * count * points * 2)
    let at = 0
    for (const chunks of actions) {
      for (let i = 0; i < count; i++) {
        const path = [dynamics.position(state), ...plannedPath(dynamics, state, future(row(chunks, i)))]
        for (const [x, y] of path) {
          out[at++] = x
          out[at++] = y
        }
      }
    }
    return out
  }
  const last = steps[steps.length - 1].actions
  const ends = Array.from({ length: count }, (_, i) => carriedOut(dynamics, state, future(row(last, i))))
  return {
    type: 'plan',
    run,
    episode,
    replan,
    count,
    points,
    committed: act,
    times: Float32Array.from(kept, ({ time }) => time),
    noisy: drawn(kept.map(({ actions }) => actions)),
    clean: drawn(kept.slice(1).map(({ actions, predicted = actions }) => predicted)),
    modes: Int16Array.from(ends, (reached) => {
      const mode = dynamics.modes?.of([...states, ...reached]) ?? -1
      return mode >= 0 ? mode : leaning(request.demonstrated, dynamics.position(reached[reached.length - 1]))
    }),
    rewards: Float32Array.from(ends, (reached) => dynamics.reward(reached[reached.length - 1])),
    latency,
  }
}

/** The last `observe` observations, the same in each of `count` rows; the first is repeated where there are fewer. */
function history<S>(dynamics: Dynamics<S>, states: readonly S[], observe: number, count: number): Rows {
  const columns = width(dynamics.observation)
  const out = zeroRows(count, observe * columns)
  const seen = Array.from({ length: observe }, (_, k) =>
    dynamics.observe(states[Math.max(0, states.length - observe + k)]),
  )
  for (let i = 0; i < count; i++) {
    for (const [k, observation] of seen.entries()) row(out, i).set(observation, k * columns)
  }
  return out
}

/** At most `most` of the values, the first and the last among them. */
function evenly<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length <= most) return values
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))])
}
