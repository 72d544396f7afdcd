import type { PlannerInput } from '../config/planner.ts'

/** What differs between runs that are compared. */
export interface Arm {
  /** One line for lists and legends. */
  readonly summary: string
  /** Laid over the task's config, section by section. */
  readonly config: Pick<PlannerInput, 'coupling' | 'process' | 'sampler'>
  /** The arm that it is compared with; absent for one that others are compared with alone. */
  readonly against?: string
}

/** Plain diffusion as the others are compared with. */
export const VANILLA = 'independent'

const coupled = (summary: string, coupling: PlannerInput['coupling']): Arm => ({
  summary,
  config: { coupling },
  against: VANILLA,
})
const epsilon = {
  process: { type: 'ddpm', steps: 100 },
  sampler: { type: 'ddim', steps: 10, spacing: 'trailing' },
} as const

/** Arms by name. */
export const ARMS: Readonly<Record<string, Arm>> = {
  independent: { summary: 'vanilla flow matching', config: { coupling: { type: 'independent' } } },
  local: coupled('local assignment: cells of 64 near observations', { type: 'local', balance: 0 }),
  balanced: coupled('the same, each cell making up for what the noise of those before tells', {
    type: 'local',
    balance: 0.2,
  }),
  residual: coupled('assignment to what the observation does not explain', {
    type: 'residual',
    coupling: { type: 'assignment' },
  }),
  'residual-local': coupled('both: local assignment to what the observation does not explain', {
    type: 'residual',
    coupling: { type: 'local', balance: 0 },
  }),
  'residual-balanced': coupled('the same with cells that make up for what the noise of those before tells', {
    type: 'residual',
    coupling: { type: 'local', balance: 0.2 },
  }),
  'local-16': coupled('local assignment in smaller cells, of 16 near observations', {
    type: 'local',
    cell: 16,
    balance: 0,
  }),
  'local-256': coupled('local assignment in larger cells, of 256 near observations out of 128 batches', {
    type: 'local',
    cell: 256,
    pool: 128,
    balance: 0,
  }),
  detrended: coupled('the same, without what the observation explains linearly in a cell', {
    type: 'local',
    cell: 16,
    detrend: true,
    balance: 0,
  }),
  penalised: coupled('assignment that pays for unlike observations', { type: 'penalised' }),
  assignment: coupled('assignment over the batch, blind to the observation', { type: 'assignment' }),
  nearest: coupled('nearest of 8 noises, blind to the observation', { type: 'nearest', candidates: 8 }),
  sinkhorn: coupled('sampled entropic plan over the batch, blind to the observation', { type: 'sinkhorn' }),
  scaled: coupled('nearest of 8 noises to the data times 4, blind to the observation', {
    type: 'scaled',
    factor: 4,
    coupling: { type: 'nearest', candidates: 8 },
  }),
  after: coupled('blind assignment, from training step 600 on', {
    type: 'after',
    step: 600,
    coupling: { type: 'assignment' },
  }),
  grouped: coupled('assignment inside classes', { type: 'grouped' }),
  epsilon: {
    summary: 'vanilla DDPM, epsilon prediction, DDIM',
    config: { ...epsilon, coupling: { type: 'independent' } },
    against: VANILLA,
  },
  'epsilon-min-snr': {
    summary: 'DDPM with min-SNR weights (γ = 5), DDIM',
    config: { ...epsilon, process: { ...epsilon.process, minSnr: 5 }, coupling: { type: 'independent' } },
    against: 'epsilon',
  },
  'epsilon-local': {
    summary: 'DDPM with local assignment, DDIM',
    config: { ...epsilon, coupling: { type: 'local', balance: 0 } },
    against: 'epsilon',
  },
}
