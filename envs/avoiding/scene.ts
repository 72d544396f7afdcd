import type { Scene, Shape } from '../../src/env/environment.ts'
import type { AvoidingState } from './dynamics.ts'
import { GOAL_Y, OBSTACLES, ROD_RADIUS } from './geometry.ts'

const BOUNDS = { low: [0.2, -0.32], high: [0.8, 0.4] } as const

const STANDING: readonly Shape[] = [
  ...OBSTACLES.map(
    ({ centre, radius }, index): Shape => ({
      path: `/env/obstacle/${index}`,
      kind: 'disc',
      role: 'obstacle',
      points: [centre],
      radius,
    }),
  ),
  {
    path: '/env/goal',
    kind: 'line',
    role: 'goal',
    points: [
      [BOUNDS.low[0], GOAL_Y],
      [BOUNDS.high[0], GOAL_Y],
    ],
  },
]

/** Obstacles, the goal line, the rod, and the desired position that it follows. */
export function scene(state: AvoidingState): Scene {
  return {
    unit: 'm',
    bounds: BOUNDS,
    shapes: [
      ...STANDING,
      { path: '/env/desired', kind: 'disc', role: 'target', points: [state.desired], radius: ROD_RADIUS / 2 },
      { path: '/env/rod', kind: 'disc', role: 'agent', points: [state.actual], radius: ROD_RADIUS },
    ],
  }
}
