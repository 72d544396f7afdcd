import { InputError } from '../errors.ts'
import { Rng } from '../random/rng.ts'
import { checkEpisode, checkSpace } from './check-dynamics.ts'
import { checkExpert } from './check-expert.ts'
import type { Environment } from './environment.ts'

/** How thoroughly to check. */
export interface CheckOptions {
  /** Seed of the checks' own randomness: initial states and actions; default 0. */
  readonly seed?: number
  /** Episodes of random actions; default 4. */
  readonly episodes?: number
  /** Most actions in each of them; default 100. */
  readonly steps?: number
  /** Expert demonstrations to check; default two of each mode, or two where no modes are known. */
  readonly demonstrations?: number
}

/**
 * Verifies that an environment keeps its contract: spaces that fit, pure and repeatable functions, plain
 * states, finite values, observations within their bounds, success only where the episode ends, drawable
 * scenes, and an expert whose demonstrations succeed and show the modes in turn. Run it in the test of every
 * environment.
 *
 * @throws InputError saying in one sentence which promise is broken, and where
 */
export function checkEnv(environment: Environment, options: CheckOptions = {}): void {
  const { seed = 0, episodes = 4, steps = 100 } = options
  const { dynamics, name } = environment
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new InputError(`The environment's name "${name}" is not kebab-case; use a-z, 0-9 and "-".`)
  }
  if (dynamics.name !== name) {
    throw new InputError(`${name}: its dynamics are named "${dynamics.name}"; use one name for both.`)
  }
  if (!URL.canParse(environment.module)) {
    throw new InputError(`${name}: "module" is "${environment.module}"; set it to import.meta.url.`)
  }
  if (environment.summary.trim() === '' || environment.summary.includes('\n')) {
    throw new InputError(`${name}: the summary is empty or has several lines; write one line.`)
  }
  checkSpace(name, 'observation', dynamics.observation)
  checkSpace(name, 'action', dynamics.action)
  if (!Number.isInteger(dynamics.maxSteps) || dynamics.maxSteps < 1) {
    throw new InputError(`${name}: maxSteps is ${dynamics.maxSteps}; give a whole number of at least 1.`)
  }
  if (!(dynamics.period > 0 && Number.isFinite(dynamics.period))) {
    throw new InputError(`${name}: period is ${dynamics.period}; give a positive number of seconds.`)
  }
  const modes = dynamics.modes?.names
  if (modes && (modes.length === 0 || new Set(modes).size !== modes.length)) {
    throw new InputError(
      `${name}: the mode names [${modes.join(', ')}] are none or repeat; make them unique.`,
    )
  }
  const rng = Rng.seeded(seed)
  for (let i = 0; i < episodes; i++) {
    checkEpisode(dynamics, seed + i, rng.fork('actions', i), steps)
  }
  checkExpert(environment, options.demonstrations ?? 2 * (modes?.length ?? 1), rng.fork('expert'))
}
