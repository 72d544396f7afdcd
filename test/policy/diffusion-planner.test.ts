import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import type { PlannerInput } from '../../src/config/planner.ts'
import { createEngine } from '../../src/engine/index.ts'
import { InputError } from '../../src/errors.ts'
import { encodeWindows } from '../../src/policy/codec.ts'
import { createPlanner, createPolicy } from '../../src/policy/policy.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, rows } from '../../src/rows.ts'
import { demonstrations, tinyConfig } from '../train/tiny.ts'

const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })

/** A planner with random weights, and histories to plan from. */
function untrained(others: Partial<PlannerInput>, seed = 1) {
  const config = tinyConfig({}, others)
  const policy = createPolicy(config, twoWay)
  const episodes = demonstrations.episodeEnds.map(() => 1)
  const { normalizer } = encodeWindows(demonstrations, policy.codec, episodes, 3)
  const parameters = policy.network.init(Rng.seeded(seed).fork('weights'))
  return createPlanner(config, twoWay, { parameters, normalizer }, engine)
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

test('settings that do not fit each other are refused by name', (t) => {
  const bad = (others: Partial<PlannerInput>) => () => createPolicy(tinyConfig({}, others), twoWay)
  t.throws(bad({ sampler: { type: 'ddpm', steps: 10 } }), { instanceOf: InputError, message: /ddpm/ })
  t.throws(bad({ policy: { actions: 'relative', plan: 8, act: 4 } }), {
    message: /policy\.reference/,
    instanceOf: InputError,
  })
})
