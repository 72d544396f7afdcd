import { pushT } from './push-t.ts'

export type { PushTObservation } from './observations.ts'
export { type PushTOptions, pushT } from './push-t.ts'
export type { PushTStart } from './reset.ts'
export { createSimulator, type Simulator } from './simulator.ts'
export { BODY, blockPose, type Pose, type PushTState } from './state.ts'

/** Observes the eight corners of the T and the agent; starts are gym-pusht's. */
export default pushT({ module: import.meta.url })
