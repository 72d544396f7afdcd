import { pushT } from './push-t.ts'

/** The T starts on its goal, turned by 180°: clockwise or counter-clockwise are equally good. */
export default pushT({
  name: 'push-t-opposite',
  start: 'opposite',
  summary: 'Push-T from the goal turned by 180°: the T can be turned either way (2 modes).',
  module: import.meta.url,
})
