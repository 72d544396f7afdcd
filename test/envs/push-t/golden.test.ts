import { readFileSync } from 'node:fs'
import test from 'ava'
import { CENTRE } from '../../../envs/push-t/geometry.ts'
import { createSimulator, type Simulator } from '../../../envs/push-t/simulator.ts'
import { BODY, blockPose, stateAtRest } from '../../../envs/push-t/state.ts'

interface Trace {
  reset: number[]
  initial: number[]
  actions: number[][]
  states: number[][]
  contacts: number[]
}

const traces = (name: string): Trace[] =>
  JSON.parse(readFileSync(new URL(`../../fixtures/push-t/${name}.json`, import.meta.url), 'utf8')).episodes

/** A world as the trace's reset sets it: the legacy order, then one substep. */
function started({ reset: [agentX, agentY, x, y, angle] }: Trace): Simulator {
  const simulator = createSimulator()
  simulator.load(stateAtRest(agentX, agentY, x, y + CENTRE, angle))
  simulator.substep()
  return simulator
}

/** The largest differences in px and in rad. */
function difference(simulator: Simulator, [agentX, agentY, x, y, angle]: number[]): [number, number] {
  const state = simulator.save()
  const pose = blockPose(state)
  const lengths = [
    state.bodies[BODY.agentX] - agentX,
    state.bodies[BODY.agentY] - agentY,
    pose.x - x,
    pose.y - y,
  ]
  return [Math.max(...lengths.map(Math.abs)), Math.abs(pose.angle - angle)]
}

const POSITION = 1e-4
const ANGLE = 1e-6

for (const name of ['free', 'walls']) {
  test(`${name}: 300 steps stay with Chipmunk`, (t) => {
    for (const [k, trace] of traces(name).entries()) {
      const simulator = started(trace)
      const check = (place: string, state: number[]) => {
        const [position, angle] = difference(simulator, state)
        t.true(position <= POSITION && angle <= ANGLE, `episode ${k}, ${place}: ${position} px, ${angle} rad`)
      }
      check('start', trace.initial)
      for (const [i, [x, y]] of trace.actions.entries()) {
        simulator.step(x, y)
        check(`step ${i}`, trace.states[i])
        t.is(simulator.contacts, trace.contacts[i], `episode ${k}, step ${i}`)
      }
    }
  })
}
