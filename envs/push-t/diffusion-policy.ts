import { pushT } from './push-t.ts'

/** Observes what Diffusion Policy's Push-T observes: nine points of the T, and the agent's place. */
export default pushT({
  name: 'push-t-diffusion-policy',
  observation: 'farthest-keypoints',
  summary: "Push-T with Diffusion Policy's observation of nine keypoints.",
  module: import.meta.url,
})
