import { VANILLA } from '../arm.ts'

/** Arms whose curves share a panel; their styles differ from one another. */
export interface ArmGroup {
  /** End of a figure's name; empty where there is one group only. */
  readonly name: string
  /** What they have in common, for captions. */
  readonly title: string
  readonly arms: readonly string[]
}

/** Curves beyond these hide one another. */
const MOST_CURVES = 7

/** Every arm but vanilla, which stands in each group. */
export const ARM_GROUPS: readonly ArmGroup[] = [
  {
    name: 'local',
    title: 'vanilla and couplings in cells of near observations',
    arms: ['local', 'balanced', 'local-16', 'local-256', 'detrended'],
  },
  {
    name: 'residual',
    title: 'vanilla and couplings that otherwise look at the observation',
    arms: ['residual', 'residual-local', 'residual-balanced', 'penalised', 'grouped'],
  },
  {
    name: 'blind',
    title: 'vanilla and couplings blind to the observation',
    arms: ['assignment', 'nearest', 'sinkhorn', 'scaled', 'after'],
  },
  {
    name: 'epsilon',
    title: 'vanilla and arms that predict the noise',
    arms: ['epsilon', 'epsilon-min-snr', 'epsilon-local'],
  },
]

/** Splits arms into groups whose curves one panel can show, each with vanilla first. */
export function groupArms(arms: readonly string[]): ArmGroup[] {
  if (arms.length <= MOST_CURVES) return [{ name: '', title: '', arms }]
  return ARM_GROUPS.flatMap((group) => {
    const own = arms.filter((arm) => group.arms.includes(arm))
    return own.length > 0
      ? [{ ...group, arms: arms.filter((arm) => arm === VANILLA || own.includes(arm)) }]
      : []
  })
}
