import type { Scene, Shape } from '../../src/env/environment.ts'
import { AGENT_RADIUS, GOAL, placed, VERTICES, WORLD } from './geometry.ts'
import { BODY, blockPose, type Pose, type PushTState } from './state.ts'
import { WALLS } from './wall-contacts.ts'

/** The two rectangles of a block at `pose`. */
function block(path: string, role: Shape['role'], { x, y, angle }: Pose): Shape[] {
  const corners = placed(VERTICES, x, y, angle)
  return [
    { path: `${path}/bar`, kind: 'polygon', role, points: corners.slice(0, 4) },
    { path: `${path}/stem`, kind: 'polygon', role, points: corners.slice(4) },
  ]
}

const still: readonly Shape[] = [
  ...WALLS.map(
    ({ ax, ay, bx, by }, i): Shape => ({
      path: `/env/wall/${i}`,
      kind: 'line',
      role: 'wall',
      points: [
        [ax, ay],
        [bx, by],
      ],
    }),
  ),
  ...block('/env/goal', 'goal', GOAL),
]

/** Walls, goal, block and agent, in px; y points up here, and down in gym-pusht's window. */
export function scene(state: PushTState): Scene {
  return {
    unit: 'px',
    bounds: { low: [0, 0], high: [WORLD, WORLD] },
    shapes: [
      ...still,
      ...block('/env/block', 'object', blockPose(state)),
      {
        path: '/env/agent',
        kind: 'disc',
        role: 'agent',
        points: [[state.bodies[BODY.agentX], state.bodies[BODY.agentY]]],
        radius: AGENT_RADIUS,
      },
    ],
  }
}
