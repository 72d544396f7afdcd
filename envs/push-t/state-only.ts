import { pushT } from './push-t.ts'

/** Observes the pose of the T and the agent's place: five numbers. */
export default pushT({
  name: 'push-t-state',
  observation: 'state',
  summary: 'Push-T as gym-pusht, observing the pose of the T.',
  module: import.meta.url,
})
