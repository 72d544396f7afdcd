import type { Scene } from '../../src/env/environment.ts'
import { DISC_RADIUS, GOAL_HEIGHT, ROBOT_RADIUS, WORKSPACE } from './geometry.ts'

/** The robot, the disc and the goal line. */
export function scene(state: { readonly x: number; readonly y: number }): Scene {
  const [left, bottom] = WORKSPACE.low
  const [right, top] = WORKSPACE.high
  return {
    unit: 'm',
    bounds: { low: [left, bottom], high: [right, top] },
    shapes: [
      {
        path: '/env/goal',
        kind: 'line',
        role: 'goal',
        points: [
          [left, GOAL_HEIGHT],
          [right, GOAL_HEIGHT],
        ],
      },
      { path: '/env/disc', kind: 'disc', role: 'obstacle', points: [[0, 0]], radius: DISC_RADIUS },
      { path: '/env/robot', kind: 'disc', role: 'agent', points: [[state.x, state.y]], radius: ROBOT_RADIUS },
    ],
  }
}
