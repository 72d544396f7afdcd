import Table from 'cli-table3'
import { coverage } from '../envs/push-t/coverage.ts'
import pushT, { BODY, createSimulator, type PushTState } from '../envs/push-t/index.ts'
import { stateAtRest } from '../envs/push-t/state.ts'

/** One case: median, least and most control steps (of ten substeps) a second, on one core. */
export interface PushTRow {
  readonly what: string
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Milliseconds of a repeat, and repeats. */
const LASTING = 200
const REPEATS = 7

/** Control steps between two loads of the start. */
const EPISODE = 100

/** The agent circles in a corner, far from a block in the middle. */
const FREE: Case = {
  what: 'free: nothing touches',
  start: stateAtRest(50, 50, 300, 300, 0),
  target: (i) => [60 + 20 * Math.sin(i / 3), 60 + 20 * Math.cos(i / 3)],
}

/** The agent follows the block, so that it pushes it in circles most of the time. */
const CONTACT: Case = {
  what: 'contact: the agent pushes the block',
  start: stateAtRest(200, 200, 256, 256, 1),
  target: (i) => [256 + 80 * Math.sin(i / 15), 256 + 80 * Math.cos(i / 15)],
}

/** The agent presses the block into a corner. */
const WALLS: Case = {
  what: 'walls: the agent presses the block into a corner',
  start: stateAtRest(200, 200, 130, 130, 1),
  target: (i) => [60 + 10 * Math.sin(i / 5), 60 + 10 * Math.cos(i / 7)],
}

interface Case {
  readonly what: string
  readonly start: PushTState
  target(step: number): readonly [number, number]
}

/** Times control steps of Push-T in place, as pure transitions, and with all that a rollout asks for. */
export async function run(): Promise<PushTRow[]> {
  const rows: PushTRow[] = []
  for (const task of [FREE, CONTACT, WALLS]) {
    const targets = Array.from({ length: EPISODE }, (_, i) => task.target(i))
    rows.push(timed(`${task.what}, in place`, inPlace(task.start, targets)))
    if (task === WALLS) continue
    rows.push(timed(`${task.what}, pure`, pure(task.start, targets)))
    rows.push(timed(`${task.what}, pure, with reward, end and observation`, rollout(task.start, targets)))
  }
  rows.push(timed('coverage alone', covering()))
  const table = new Table({ head: ['Push-T, control steps a second', 'median', 'least', 'most'] })
  for (const { what, median, least, most } of rows) {
    table.push([what, ...[median, least, most].map((rate) => Math.round(rate).toLocaleString('en'))])
  }
  console.log(table.toString())
  return rows
}

type Targets = readonly (readonly [number, number])[]

function inPlace(start: PushTState, targets: Targets): () => number {
  const simulator = createSimulator()
  return () => {
    simulator.load(start)
    for (const [x, y] of targets) simulator.step(x, y)
    return simulator.bodies[BODY.angle]
  }
}

function pure(start: PushTState, targets: Targets): () => number {
  return () => {
    let state = start
    for (const target of targets) state = pushT.dynamics.transition(state, target)
    return state.bodies[BODY.angle]
  }
}

function rollout(start: PushTState, targets: Targets): () => number {
  const { transition, reward, terminated, success, observe } = pushT.dynamics
  return () => {
    let state = start
    let sum = 0
    for (const target of targets) {
      state = transition(state, target)
      sum += reward(state) + Number(terminated(state)) + Number(success(state)) + observe(state)[0]
    }
    return sum
  }
}

function covering(): () => number {
  const states = Array.from({ length: EPISODE }, (_, i) =>
    stateAtRest(0, 0, 224 + 20 * Math.sin(i), 288 + 20 * Math.cos(3 * i), i),
  )
  return () => states.reduce((sum, state) => sum + coverage(state), 0)
}

/** Repeats `episode`, of {@link EPISODE} steps, and takes its rate. */
function timed(what: string, episode: () => number): PushTRow {
  let check = 0
  const rates: number[] = []
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    const start = performance.now()
    let episodes = 0
    while (performance.now() - start < LASTING) {
      check += episode()
      episodes++
    }
    // The first repeat warms up.
    if (repeat > 0) rates.push((episodes * EPISODE * 1000) / (performance.now() - start))
  }
  if (!Number.isFinite(check)) throw new Error(`The case "${what}" left the real numbers.`)
  rates.sort((a, b) => a - b)
  return { what, median: rates[rates.length >> 1], least: rates[0], most: rates[rates.length - 1] }
}
