import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { Dynamics, Environment, Episode } from '../../src/env/environment.ts'
import { rollout } from '../../src/evaluate/rollout.ts'
import type { Planner } from '../../src/policy/planner.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../../src/rows.ts'
import { steeringPlanner } from './steering.ts'

/** Adds the action to a number; ends at `end` and succeeds there if it was reached exactly. */
function counter(end: number, maxSteps = 100): { name: string; dynamics: Dynamics<number> } {
  const dynamics: Dynamics<number> = {
    name: 'counter',
    observation: { low: [-Infinity], high: [Infinity], names: ['count'] },
    action: { low: [-Infinity], high: [Infinity], names: ['step'] },
    maxSteps,
    period: 1,
    initial: (seed) => seed,
    transition: (state, action) => state + action[0],
    observe: (state) => Float32Array.of(state),
    reward: (state) => 0 - Math.abs(end - state),
    terminated: (state) => state >= end,
    success: (state) => state === end,
    position: (state) => [state, 0],
    scene: () => ({ unit: 'm', bounds: { low: [0, 0], high: [1, 1] }, shapes: [] }),
  }
  return { name: 'counter', dynamics }
}

/** Plans 0, 1, 2, … in every row, and remembers what it was shown. */
function numbering(length: number) {
  const shown: Rows[] = []
  const planner: Planner = async (histories) => {
    shown.push({ ...histories, values: histories.values.slice() })
    return rows(
      Float32Array.from({ length: histories.rows * length }, (_, i) => i % length),
      histories.rows,
      length,
    )
  }
  return { shown, planner }
}

test('executes from the action beside the last observation, and shows the last observations', async (t) => {
  const { shown, planner } = numbering(6)
  const horizon = { observe: 3, plan: 6, act: 2 }
  const [episode] = await rollout(counter(20), planner, [0], { horizon, record: true })
  // Two actions of each plan, numbers 2 and 3.
  t.deepEqual(episode.recording?.states, [0, 2, 5, 7, 10, 12, 15, 17, 20])
  t.deepEqual(episode.recording?.actions.values, Float32Array.of(2, 3, 2, 3, 2, 3, 2, 3))
  t.deepEqual(
    shown.map(({ values }) => [...values]),
    [
      [0, 0, 0],
      [0, 2, 5],
      [5, 7, 10],
      [10, 12, 15],
    ],
  )
  t.deepEqual(
    episode.recording?.plans.map(({ step }) => step),
    [0, 2, 4, 6],
  )
  t.is(episode.latency.length, 4)
  t.true(episode.success)
  t.is(episode.length, 8)
  t.deepEqual(episode.reward, { max: 0, mean: -(18 + 15 + 13 + 10 + 8 + 5 + 3) / 8, final: 0 })
  t.deepEqual(episode.path[3], [7, 0])
  t.is(episode.mode, -1)
})

test('an episode ends within a plan, at its own time, and keeps its row', async (t) => {
  const { shown, planner } = numbering(4)
  const horizon = { observe: 1, plan: 4, act: 4 }
  const episodes = await rollout(counter(12), planner, [0, 11, 7, 30], { horizon })
  t.deepEqual(
    episodes.map(({ length, success, seed }) => ({ length, success, seed })),
    [
      { length: 8, success: true, seed: 0 },
      { length: 2, success: true, seed: 11 },
      { length: 4, success: false, seed: 7 },
      { length: 0, success: false, seed: 30 },
    ],
  )
  t.deepEqual(
    shown.map(({ values }) => [...values]),
    [
      [0, 11, 7, 30],
      [6, 12, 13, 30],
    ],
  )
  t.deepEqual(
    episodes.map(({ latency }) => latency.length),
    [2, 1, 1, 0],
  )
  t.true(episodes.every(({ batch }) => batch === 4))
  t.deepEqual(episodes[3].reward, { max: -18, mean: -18, final: -18 })
})

test('an episode is cut at the limit of steps', async (t) => {
  const still: Planner = async (histories) => zeroRows(histories.rows, 16)
  const [episode] = await rollout(counter(5, 11), still, [0])
  t.is(episode.length, 11)
  t.false(episode.success)
})

test('an episode does not depend on the others', async (t) => {
  const seeds = [0, 3, 6, 8, 11, 13]
  const together = await rollout(twoWay, steeringPlanner(), seeds, { record: true })
  for (const [i, seed] of seeds.entries()) {
    const [alone] = await rollout(twoWay, steeringPlanner(), [seed], { record: true })
    t.deepEqual({ ...alone, latency: [], batch: 0 }, { ...together[i], latency: [], batch: 0 })
  }
  t.true(new Set(together.map(({ mode }) => mode)).size === 2)
  t.true(together.filter(({ success }) => success).length >= 4)
})

/** Plans what followed the nearest demonstrated pair of observations. */
function retrieving(environment: Environment, count: number): Planner {
  const windows = Array.from({ length: count }, (_, i) => {
    const episode = environment.demonstrate?.(i, Rng.seeded(i)) as Episode
    const { columns, length } = episode
    const at = (name: string, t: number) => row(columns[name], Math.min(Math.max(t, 0), length - 1))
    return Array.from({ length }, (_, t) => ({
      seen: [...at('observation', t - 1), ...at('observation', t)],
      plan: Array.from({ length: 16 }, (_, k) => [...at('action', t - 1 + k)]).flat(),
    }))
  }).flat()
  return async (histories, streams) => {
    const plans = zeroRows(histories.rows, 32)
    streams.forEach((rng, i) => {
      const [ax, ay, bx, by] = row(histories, i)
      let best = windows[0]
      let least = Infinity
      for (const window of windows) {
        const [cx, cy, dx, dy] = window.seen
        // The position, the displacement, and chance among what is equally near.
        const distance = Math.hypot(bx - dx, by - dy, 3 * (bx - ax - dx + cx), 3 * (by - ay - dy + cy))
        const score = distance + 0.01 * rng.uniform()
        if (score < least) [best, least] = [window, score]
      }
      row(plans, i).set(best.plan)
    })
    return plans
  }
}

test('retrieving demonstrated actions solves the two-way task, both ways', async (t) => {
  const seeds = Array.from({ length: 40 }, (_, i) => 1000 + i)
  const episodes = await rollout(twoWay, retrieving(twoWay, 40), seeds)
  t.true(episodes.filter(({ success }) => success).length >= 38)
  for (const mode of [0, 1]) t.true(episodes.filter((episode) => episode.mode === mode).length >= 8)
})

test('bad horizons and planners are named', async (t) => {
  const { planner } = numbering(16)
  const horizon = (change: object) => ({ horizon: { observe: 2, plan: 16, act: 8, ...change } })
  await t.throwsAsync(rollout(counter(5), planner, [0], horizon({ act: 16 })), {
    name: 'InputError',
    message: /holds 15 actions to come/,
  })
  await t.throwsAsync(rollout(counter(5), planner, [0], horizon({ observe: 0 })), {
    name: 'InputError',
    message: /"observe" is 0/,
  })
  await t.throwsAsync(rollout(counter(5), planner, [0], horizon({ plan: 12 })), {
    name: 'FailureError',
    message: /1 × 16 numbers/,
  })
  await t.throwsAsync(rollout(twoWay, steeringPlanner({ broken: true }), [3]), {
    name: 'FailureError',
    message: /seed 3 are not finite after step 0/,
  })
})

test('an abort stops it with its reason', async (t) => {
  const controller = new AbortController()
  const stopping: Planner = async (histories) => {
    controller.abort(new Error('enough'))
    return zeroRows(histories.rows, 32)
  }
  await t.throwsAsync(rollout(twoWay, stopping, [0], { signal: controller.signal }), { message: 'enough' })
})
