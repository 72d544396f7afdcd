import { readFileSync } from 'node:fs'
import test from 'ava'
import { CENTRE } from '../../../envs/push-t/geometry.ts'
import { createSimulator, type Simulator } from '../../../envs/push-t/simulator.ts'
import { BODY, blockPose, centreAt, stateAtRest } from '../../../envs/push-t/state.ts'

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

test('away from walls, 300 steps stay with Chipmunk', (t) => {
  for (const [k, trace] of traces('free').entries()) {
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

/**
 * Pressed against a wall, the solver has not converged after its ten passes, so the order of the contacts
 * matters. Chipmunk's order follows its search tree, which is rebuilt as bodies move; in the third episode that
 * happens at step 11.
 */
const SAME_ORDER = [50, 50, 11, 50]

test('at walls, the first steps stay with Chipmunk as long as it visits the contacts in the usual order', (t) => {
  for (const [k, trace] of traces('walls').entries()) {
    const simulator = started(trace)
    for (const [i, [x, y]] of trace.actions.slice(0, SAME_ORDER[k]).entries()) {
      simulator.step(x, y)
      const [position, angle] = difference(simulator, trace.states[i])
      t.true(position <= POSITION && angle <= ANGLE, `episode ${k}, step ${i}: ${position} px, ${angle} rad`)
    }
  }
})

test('at walls, single steps from recorded states agree with Chipmunk', (t) => {
  for (const [k, trace] of traces('walls').entries()) {
    const simulator = started(trace)
    let agreeing = 0
    for (const [i, [x, y]] of trace.actions.entries()) {
      simulator.step(x, y)
      const [position, angle] = difference(simulator, trace.states[i])
      if (position <= POSITION && angle <= ANGLE) agreeing++
      // Velocities and impulses were not recorded; the present ones stand in for them.
      const { bodies, memory } = simulator.save()
      const [, , blockX, blockY, turn] = trace.states[i]
      const [centreX, centreY] = centreAt({ x: blockX, y: blockY, angle: turn })
      bodies[BODY.centreX] = centreX
      bodies[BODY.centreY] = centreY
      bodies[BODY.angle] = turn
      simulator.load({ bodies, memory })
    }
    t.true(agreeing >= 0.9 * trace.actions.length, `episode ${k}: ${agreeing} of ${trace.actions.length}`)
  }
})
