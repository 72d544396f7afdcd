import test from 'ava'
import { checkEnv } from '../../src/env/check-env.ts'
import type { Dynamics, Environment, Episode } from '../../src/env/environment.ts'
import { recordEpisode } from '../../src/env/record-episode.ts'

interface State {
  readonly x: number
}

/** A point on a line that succeeds at x ≥ 1: right in everything, unless a part is replaced. */
function line(dynamics: Partial<Dynamics<State>> = {}, environment: Partial<Environment<State>> = {}) {
  const whole: Dynamics<State> = {
    name: 'line',
    observation: { low: [-100], high: [100], names: ['x (m)'] },
    action: { low: [-1], high: [1], names: ['step (m)'] },
    maxSteps: 30,
    period: 0.1,
    initial: (seed) => ({ x: -(seed % 3) / 3 }),
    transition: (state, action) => ({ x: state.x + action[0] }),
    observe: (state) => Float32Array.of(state.x),
    reward: (state) => state.x,
    terminated: (state) => state.x >= 1,
    success: (state) => state.x >= 1,
    position: (state) => [state.x, 0],
    scene: (state) => ({
      unit: 'm',
      bounds: { low: [-1, -1], high: [1, 1] },
      shapes: [{ path: '/agent', kind: 'disc', role: 'agent', points: [[state.x, 0]], radius: 0.1 }],
    }),
    ...dynamics,
  }
  return {
    name: 'line',
    summary: 'A point on a line.',
    module: import.meta.url,
    dynamics: whole,
    demonstrate: () => recordEpisode(whole, { x: 0 }, () => [0.4]),
    ...environment,
  } satisfies Environment<State>
}

const demonstration = (change: (episode: Episode) => Partial<Episode>) => {
  const episode = recordEpisode(line().dynamics, { x: 0 }, () => [0.4])
  return { demonstrate: () => ({ ...episode, ...change(episode) }) }
}
const modes = { names: ['a', 'b'], of: () => 0 }
const scene = (shape: object) => () => ({
  ...line().dynamics.scene({ x: 0 }),
  shapes: [{ ...line().dynamics.scene({ x: 0 }).shapes[0], ...shape }],
})
class Point {
  readonly x = 0
}
let hidden = 0

test('a right environment passes', (t) => {
  t.notThrows(() => checkEnv(line()))
  t.notThrows(() => checkEnv(line({}, { demonstrate: undefined })))
})

const broken: Record<string, [RegExp, Environment]> = {
  'a name with spaces': [/kebab-case/, line({}, { name: 'My line' })],
  'two names': [/one name for both/, line({ name: 'other' })],
  'no module': [/import\.meta\.url/, line({}, { module: 'line' })],
  'no summary': [/summary/, line({}, { summary: ' ' })],
  'a space with too few names': [
    /action space has 1 lower bounds, 1 upper bounds and 0 names/,
    line({ action: { low: [-1], high: [1], names: [] } }),
  ],
  'an empty range': [
    /"x \(m\)" ranges from 1 to 1/,
    line({ observation: { low: [1], high: [1], names: ['x (m)'] } }),
  ],
  'no limit': [/maxSteps is 0/, line({ maxSteps: 0 })],
  'no period': [/period is NaN/, line({ period: Number.NaN })],
  'repeated modes': [/mode names/, line({ modes: { names: ['a', 'a'], of: () => -1 } })],
  'a mode that is not there': [/modes\.of returns 2/, line({ modes: { names: ['a', 'b'], of: () => 2 } })],
  'an initial state of chance': [
    /initial gives two different/,
    line({ initial: () => ({ x: -hidden++ / 1e6 }) }),
  ],
  'a state with a class': [/plain data/, line({ initial: () => new Point() })],
  'a state with a function': [/structuredClone/, line({ initial: () => ({ x: 0, f: Math.sin }) })],
  'a transition that changes its state': [
    /transition changes the state/,
    line({
      transition: (state, action) => {
        Object.assign(state, { x: state.x - 0.1 })
        return { x: state.x + action[0] }
      },
    }),
  ],
  'a transition that changes its action': [
    /transition changes the action/,
    line({
      transition: (state, action) => {
        Object.assign(action, { 0: 0 })
        return { x: state.x }
      },
    }),
  ],
  'a transition with a memory': [
    /transition gives two different/,
    line({ transition: (state) => ({ x: state.x + hidden++ / 1e6 }) }),
  ],
  'an observation that is not typed': [
    /no Float32Array/,
    line({ observe: (state) => [state.x] as unknown as Float32Array }),
  ],
  'an observation of the wrong width': [
    /observe returns 2 numbers/,
    line({ observe: () => new Float32Array(2) }),
  ],
  'an observation that is not finite': [
    /is NaN; keep it finite/,
    line({ observe: () => Float32Array.of(Number.NaN) }),
  ],
  'an observation out of bounds': [
    /is 101, outside \[-100, 100\]/,
    line({ observe: () => Float32Array.of(101) }),
  ],
  'a shared observation': [
    /same array twice/,
    (() => {
      const shared = new Float32Array(1)
      return line({ observe: () => shared })
    })(),
  ],
  'a reward that is not finite': [/reward is -Infinity/, line({ reward: () => -Infinity })],
  'a success in the middle': [
    /success is true where terminated is false/,
    line({ terminated: () => false, success: () => true }),
  ],
  'a terminated that is a number': [
    /terminated returns 0/,
    line({ terminated: () => 0 as unknown as boolean }),
  ],
  'a position that is not finite': [/position is/, line({ position: () => [Number.NaN, 0] })],
  'a scene without area': [
    /enclose no area/,
    line({ scene: () => ({ unit: 'm', bounds: { low: [0, 0], high: [0, 1] }, shapes: [] }) }),
  ],
  'a scene without an agent': [/role "agent"/, line({ scene: scene({ role: 'goal' }) })],
  'a shape of an unknown kind': [/kind "star"/, line({ scene: scene({ kind: 'star' }) })],
  'a disc without a radius': [/radius undefined/, line({ scene: scene({ radius: undefined }) })],
  'a polygon of two points': [/polygon with 1 points/, line({ scene: scene({ kind: 'polygon' }) })],
  'a shape that is nowhere': [/finite numbers/, line({ scene: scene({ points: [[0, Number.NaN]] }) })],
  'a path without a slash': [/does not start with/, line({ scene: scene({ path: 'agent' }) })],
  'an expert that fails': [
    /demonstration 0 fails/,
    line(
      {},
      demonstration(() => ({ success: false })),
    ),
  ],
  'an expert of the wrong mode': [/demonstration 1 shows mode 0 instead of 1/, line({ modes })],
  'an expert without actions': [
    /no column "action"/,
    line(
      {},
      demonstration(({ columns }) => ({ columns: { observation: columns.observation } })),
    ),
  ],
  'an expert beyond the limits': [
    /1\.5 for "step \(m\)" in column "action", row 0/,
    line({}, { demonstrate: () => recordEpisode(line().dynamics, { x: 0 }, () => [1.5]) }),
  ],
  'an expert with a hole': [
    /NaN in column "observation", row 1/,
    line(
      {},
      demonstration(({ columns }) => {
        const values = columns.observation.values.slice()
        values[1] = Number.NaN
        return { columns: { ...columns, observation: { ...columns.observation, values } } }
      }),
    ),
  ],
  'an expert with a ragged column': [
    /gave|has 4 steps|rows/,
    line(
      {},
      demonstration(() => ({ length: 4 })),
    ),
  ],
  'an expert of chance': [
    /differs when it is made again/,
    line({}, { demonstrate: () => recordEpisode(line().dynamics, { x: 0 }, () => [0.4 + hidden++ / 1e6]) }),
  ],
}

for (const [what, [message, environment]] of Object.entries(broken)) {
  test(`${what} is named`, (t) => {
    const error = t.throws(() => checkEnv(environment), { name: 'InputError', message })
    t.regex(error?.message ?? '', /line/)
  })
}
