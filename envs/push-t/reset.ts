import { randomState } from '../../src/random/numpy.ts'
import { AGENT_RADIUS, BLOCK_RADIUS, CENTRE, GOAL, WORLD } from './geometry.ts'
import { createSimulator } from './simulator.ts'
import { centreAt, type PushTState, stateAtRest } from './state.ts'

/**
 * `anywhere`: gym-pusht's starts. `opposite`: the block lies on its goal, turned by 180°, so that both ways of
 * turning it are equally long, and the agent's starts are symmetric about the goal's axis.
 */
export type PushTStart = 'anywhere' | 'opposite'

/** First state for each kind of start. @throws InputError for a seed that NumPy does not take */
export const initial: Readonly<Record<PushTStart, (seed: number) => PushTState>> = {
  /**
   * `RandomState(seed)` draws whole numbers for agent and block and a normal angle. The legacy order of
   * gym-pusht sets the block's position before its angle, so that it then turns about its centre of gravity.
   */
  anywhere(seed) {
    const random = randomState(seed)
    const agentX = random.integer(50, 450)
    const agentY = random.integer(50, 450)
    const x = random.integer(100, 400)
    const y = random.integer(100, 400)
    const angle = random.normal() * 2 * Math.PI - Math.PI
    return settled(stateAtRest(agentX, agentY, x, y + CENTRE, angle))
  },
  opposite(seed) {
    const random = randomState(seed)
    const [centreX, centreY] = centreAt(GOAL)
    for (;;) {
      // Mirrored about the goal's axis, (x, y) becomes (512 − y, 512 − x).
      const agentX = random.integer(NEAREST, WORLD - NEAREST + 1)
      const agentY = random.integer(NEAREST, WORLD - NEAREST + 1)
      if (Math.hypot(agentX - centreX, agentY - centreY) <= BLOCK_RADIUS + AGENT_RADIUS) continue
      return settled(stateAtRest(agentX, agentY, centreX, centreY, GOAL.angle + Math.PI))
    }
  },
}

/** The agent starts no nearer to the border of the world than this, in px. */
const NEAREST = 50

const simulator = createSimulator()

/** The state after one substep, which takes apart what overlaps. */
export function settled(state: PushTState): PushTState {
  simulator.load(state)
  simulator.substep()
  return simulator.save()
}
