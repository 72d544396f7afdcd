import type { Space } from '../../src/env/environment.ts'
import { placed, VERTICES, WORLD } from './geometry.ts'
import { BODY, blockPose, centreAt, type Pose, type PushTState, stateAtRest } from './state.ts'

/**
 * `state`: agent x, y, block x, y and angle in [0, 2π). `keypoints`: the block's eight corners, then the agent.
 * `farthest-keypoints`: Diffusion Policy's nine points of the block, then the agent.
 */
export type PushTObservation = 'state' | 'keypoints' | 'farthest-keypoints'

/** What an observation consists of. */
export interface Observation {
  readonly space: Space
  observe(state: PushTState): Float32Array
  /** A state at rest with this observation. */
  resembling(observation: ArrayLike<number>): PushTState
}

/**
 * Diffusion Policy's keypoints in the block's frame, px. It draws the block with a border of 2 px, takes all
 * pixels, starts at number `default_rng(0).choice(count)` of them, adds eight times the pixel farthest from
 * those it has, and shifts each coordinate by `uniform(0, 1)` of the same generator. These are the results.
 */
const FARTHEST: readonly (readonly [number, number])[] = [
  [9.269786713763871, 90.04097352393619],
  [-60.983472364471474, -1.1867297607997276],
  [60.91275557727772, -1.3933642242328201],
  [-0.2705034390160016, 25.54362499146542],
  [-14.064927576212233, 122.81585355412153],
  [39.002738500170146, 32.857404276587566],
  [-39.966414424694534, 32.729655446429945],
  [-16.82434437939744, 62.86317892234989],
  [23.54146122024909, -1.7002881094626152],
]

/**
 * Bounds of what belongs to the block, in px. It starts up to 40 px outside the world, and the agent can press
 * it over a wall.
 */
const BLOCK_LOW = -WORLD / 2
const BLOCK_HIGH = (3 * WORLD) / 2

/** Bounds of the agent, in px: targets within the world keep it there, critically damped as it is. */
const AGENT_LOW = 0
const AGENT_HIGH = WORLD

const TURN = 2 * Math.PI

function keypoints(points: readonly (readonly [number, number])[]): Observation {
  const names = points.flatMap((_, i) => [`keypoint ${i} x (px)`, `keypoint ${i} y (px)`])
  return {
    space: {
      low: [...names.map(() => BLOCK_LOW), AGENT_LOW, AGENT_LOW],
      high: [...names.map(() => BLOCK_HIGH), AGENT_HIGH, AGENT_HIGH],
      names: [...names, 'agent x (px)', 'agent y (px)'],
    },
    observe(state) {
      const { x, y, angle } = blockPose(state)
      const observation = new Float32Array(names.length + 2)
      let at = 0
      for (const point of placed(points, x, y, angle)) {
        observation[at++] = point[0]
        observation[at++] = point[1]
      }
      observation[at++] = state.bodies[BODY.agentX]
      observation[at] = state.bodies[BODY.agentY]
      return observation
    },
    resembling: (observation) =>
      atRest(observation[names.length], observation[names.length + 1], poseOf(points, observation)),
  }
}

/** The pose at which the points `local` of the block's frame come nearest to those observed (Procrustes). */
function poseOf(local: readonly (readonly [number, number])[], observed: ArrayLike<number>): Pose {
  const mean = (of: (i: number) => number) => local.reduce((sum, _, i) => sum + of(i), 0) / local.length
  const [u, v] = [mean((i) => local[i][0]), mean((i) => local[i][1])]
  const [p, q] = [mean((i) => observed[2 * i]), mean((i) => observed[2 * i + 1])]
  let along = 0
  let across = 0
  local.forEach(([a, b], i) => {
    const [x, y] = [observed[2 * i] - p, observed[2 * i + 1] - q]
    along += (a - u) * x + (b - v) * y
    across += (a - u) * y - (b - v) * x
  })
  const angle = Math.atan2(across, along)
  const [[dx, dy]] = placed([[u, v]], 0, 0, angle)
  return { x: p - dx, y: q - dy, angle }
}

function atRest(agentX: number, agentY: number, pose: Pose): PushTState {
  return stateAtRest(agentX, agentY, ...centreAt(pose), pose.angle)
}

/** The observations, by name. All of them are in px and rad, in the world's frame. */
export const observations: Readonly<Record<PushTObservation, Observation>> = {
  state: {
    space: {
      low: [AGENT_LOW, AGENT_LOW, BLOCK_LOW, BLOCK_LOW, 0],
      high: [AGENT_HIGH, AGENT_HIGH, BLOCK_HIGH, BLOCK_HIGH, TURN],
      names: ['agent x (px)', 'agent y (px)', 'block x (px)', 'block y (px)', 'block angle (rad)'],
    },
    observe(state) {
      const { x, y, angle } = blockPose(state)
      const wrapped = ((angle % TURN) + TURN) % TURN
      return Float32Array.of(state.bodies[BODY.agentX], state.bodies[BODY.agentY], x, y, wrapped)
    },
    resembling: (observation) =>
      atRest(observation[0], observation[1], {
        x: observation[2],
        y: observation[3],
        angle: observation[4],
      }),
  },
  keypoints: keypoints(VERTICES),
  'farthest-keypoints': keypoints(FARTHEST),
}
