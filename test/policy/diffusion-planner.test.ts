import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { PlannerInput } from '../../src/config/planner.ts'
import { createEngine } from '../../src/engine/index.ts'
import { InputError } from '../../src/errors.ts'
import { encodeWindows } from '../../src/policy/codec.ts'
import type { HeldActions } from '../../src/policy/diffusion-planner.ts'
import { createPlanner, createPolicy } from '../../src/policy/policy.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, rows } from '../../src/rows.ts'
import { demonstrations, tinyConfig } from '../train/tiny.ts'

const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })

/** A planner with random weights, and histories to plan from. */
function untrained(others: Partial<PlannerInput>, seed = 1, hold?: (histories: Rows) => HeldActions) {
  const config = tinyConfig({}, others)
  const policy = createPolicy(config, twoWay)
  const episodes = demonstrations.episodeEnds.map(() => 1)
  const { normalizer } = encodeWindows(demonstrations, policy.codec, episodes, 3)
  const parameters = policy.network.init(Rng.seeded(seed).fork('weights'))
  return createPlanner(config, twoWay, { parameters, normalizer }, engine, { hold })
}

const observations = demonstrations.columns.observation
const width = 2 * observations.columns
/** The first two observations of row `at` of the demonstrations on. */
const history = (at: number): number[] =>
  Array.from(observations.values.subarray(at * observations.columns, at * observations.columns + width))
const histories = (...places: number[]): Rows =>
  rows(Float32Array.from(places.flatMap(history)), places.length, width)
const stream = (episode: number, plan = 0) => Rng.seeded(9).fork('episode', episode).fork('plan', plan)

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)

const KINDS: [string, Partial<PlannerInput>][] = [
  ['flow matching', { process: { type: 'flow' }, sampler: { type: 'euler', steps: 3 } }],
  [
    'noise drawn at every step',
    {
      process: { type: 'ddpm', steps: 6, schedule: 'squaredcos_cap_v2', prediction: 'epsilon' },
      sampler: { type: 'ddpm', steps: 6 },
    },
  ],
]

for (const [name, others] of KINDS) {
  test.serial(`an episode's plan does not depend on who is planned for beside it: ${name}`, async (t) => {
    const planner = untrained(others)
    const together = await planner(histories(0, 20, 60), [stream(0), stream(1), stream(2)])
    const values = together.values.slice()
    t.is(together.rows, 3)
    t.is(together.columns, 16)
    t.true(values.every(Number.isFinite))
    for (const [i, place] of [0, 20, 60].entries()) {
      const alone = await planner(histories(place), [stream(i)])
      t.true(distance(alone.values, values.subarray(i * 16, i * 16 + 16)) < 1e-5)
    }
    const turned = await planner(histories(60, 0, 20), [stream(2), stream(0), stream(1)])
    t.true(distance(turned.values.subarray(0, 16), values.subarray(32, 48)) < 1e-5)
  })

  test.serial(`a plan depends on its stream, its history and the weights: ${name}`, async (t) => {
    const planner = untrained(others)
    const plan = (await planner(histories(0), [stream(0)])).values.slice()
    t.deepEqual((await planner(histories(0), [stream(0)])).values.slice(), plan)
    t.true(distance((await planner(histories(0), [stream(1)])).values, plan) > 1e-3)
    t.true(distance((await planner(histories(40), [stream(0)])).values, plan) > 1e-3)
    t.true(distance((await untrained(others, 2)(histories(0), [stream(0)])).values, plan) > 1e-3)
  })
}

for (const [name, others] of KINDS) {
  test.serial(
    `a plan starts and ends where it is held, to the last digit but rounding: ${name}`,
    async (t) => {
      const goal = (i: number) => [0.3 - 0.1 * i, 0.9]
      const hold = ({ rows: count }: Rows) => {
        const mask = Uint8Array.from({ length: 16 }, (_, k) => Number(k < 2 || k >= 14))
        const actions = rows(new Float32Array(16 * count), count, 16)
        for (let i = 0; i < count; i++)
          actions.values.set([0.05, -0.9, ...Array(12).fill(Number.NaN), ...goal(i)], 16 * i)
        return { mask, actions }
      }
      const free = (await untrained(others)(histories(0, 20), [stream(0), stream(1)])).values.slice()
      const planner = untrained(others, 1, hold)
      const held = (await planner(histories(0, 20), [stream(0), stream(1)])).values.slice()
      for (const i of [0, 1]) {
        const [plan, before] = [held, free].map((values) => values.subarray(16 * i, 16 * i + 16))
        t.true(distance(plan.subarray(0, 2), [0.05, -0.9]) < 1e-5)
        t.true(distance(plan.subarray(14), goal(i)) < 1e-5)
        // The rest is planned around it.
        t.true(distance(plan.subarray(2, 14), before.subarray(2, 14)) > 1e-4)
        t.true(plan.every(Number.isFinite))
      }
      let last: Rows | undefined
      for await (const { actions } of planner.steps!(histories(0, 20), [stream(0), stream(1)])) last = actions
      t.true(distance(last!.values, held) < 1e-6)
    },
  )
}

test('settings that do not fit each other are refused by name', (t) => {
  const bad = (others: Partial<PlannerInput>) => () => createPolicy(tinyConfig({}, others), twoWay)
  t.throws(bad({ sampler: { type: 'ddpm', steps: 10 } }), { instanceOf: InputError, message: /ddpm/ })
  t.throws(bad({ policy: { actions: 'relative', plan: 8, act: 4 } }), {
    message: /policy\.reference/,
    instanceOf: InputError,
  })
  const sums = { policy: { actions: 'cumulative', plan: 8, act: 4 } } as const
  t.throws(() => untrained(sums, 1, () => t.fail() as never), { message: /cannot be held/ })
})
