import { InputError, lookUp } from '../errors.ts'
import { createJob, type Job, type JobInput } from './job.ts'

/** A comparison: which arms on which tasks, with how many seeds each. */
export interface Protocol {
  /** One line for lists. */
  readonly summary: string
  readonly tasks: readonly string[]
  /** Seeds of each arm, in the order in which arms are run. */
  readonly arms: Readonly<Record<string, number>>
}

const CLOSED_LOOP = [
  'two-way/small',
  'two-way/mlp',
  'two-way-axis/mlp',
  'two-way-axis/unet',
  'two-way/unet',
  'avoiding/mlp',
]

/** Seeds of each flow arm. */
const COUPLINGS = {
  independent: 5,
  local: 5,
  residual: 5,
  penalised: 5,
  'residual-local': 5,
  'residual-balanced': 5,
  balanced: 5,
  'local-16': 5,
  'local-256': 5,
  detrended: 5,
  assignment: 5,
  nearest: 5,
  sinkhorn: 5,
  scaled: 5,
  after: 5,
}

/** Every protocol, by name. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'few-step': {
    summary: 'whole paths from one constant observation, planned in 1, 2, 4 and 10 network evaluations',
    tasks: ['avoiding-path/mlp'],
    arms: COUPLINGS,
  },
  'closed-loop': {
    summary: 'success of policies against evaluations a plan, training steps and seconds',
    tasks: CLOSED_LOOP,
    arms: { ...COUPLINGS, epsilon: 5, 'epsilon-min-snr': 5, 'epsilon-local': 5 },
  },
  modes: {
    summary: 'how evenly policies show the modes, at matched success',
    tasks: ['avoiding-path/mlp', ...CLOSED_LOOP, 'push-t-opposite/mlp'],
    arms: COUPLINGS,
  },
  'push-t': {
    summary: 'Push-T: reward, success, minority share and evaluations a plan',
    tasks: ['push-t/mlp', 'push-t-opposite/mlp'],
    arms: { independent: 2, local: 2, 'residual-balanced': 2, penalised: 2 },
  },
  images: {
    summary: 'Fréchet distance of digits against training steps and evaluations an image',
    tasks: ['digits/unet', 'digits-told/unet'],
    arms: { independent: 5, assignment: 5, nearest: 5, grouped: 5, local: 3, sinkhorn: 3 },
  },
}

/** What to leave out of a protocol, or to change. */
export interface Selection {
  readonly tasks?: readonly string[]
  readonly arms?: readonly string[]
  /** Number of seeds, in place of each arm's own. */
  readonly seeds?: number
  readonly change?: (config: JobInput) => void
}

/**
 * The jobs of a protocol in the order in which they are run: seed by seed, so that every arm has some results
 * early.
 *
 * @throws InputError for an unknown protocol, task or arm, with the nearest names, and without a seed
 */
export function protocolJobs(name: string, selection: Selection = {}): Job[] {
  const protocol = lookUp('protocol', PROTOCOLS, name)
  const { seeds } = selection
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1)) {
    throw new InputError(`"seeds" is ${seeds}; give a whole number of at least 1.`)
  }
  const among = (kind: string, all: readonly string[], wanted: readonly string[] = all) => {
    for (const one of wanted)
      lookUp(`${kind} of ${name}`, Object.fromEntries(all.map((key) => [key, key])), one)
    return all.filter((one) => wanted.includes(one))
  }
  const tasks = among('task', protocol.tasks, selection.tasks)
  const arms = among('arm', Object.keys(protocol.arms), selection.arms)
  const seedsOf = (arm: string) => seeds ?? protocol.arms[arm]
  const most = Math.max(...arms.map(seedsOf))
  return Array.from({ length: most }, (_, seed) => seed).flatMap((seed) =>
    tasks.flatMap((task) =>
      arms.filter((arm) => seed < seedsOf(arm)).map((arm) => createJob(task, arm, seed, selection.change)),
    ),
  )
}
